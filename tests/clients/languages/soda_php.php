<?php
// What soda-php (public/socrata.php) and PhpSoda (src/SodaDataset.php, src/Utilities/UrlQuery.php) send and read, by
// a domain in the code.
const DOMAIN = 'data.city.gov';
const ID = '4tka-6guv';
const LOGIN = 'publisher@example.com:publisher';

function check(bool $holds, string $what): void
{
    if (!$holds) {
        throw new Exception("not so: $what");
    }
}

/** One request by curl: status, headers in the case in which they came, body. */
function send(string $method, string $url, array $headers, ?string $body, ?string $login, array $more = []): array
{
    $answered = [];
    $handle = curl_init($url);
    curl_setopt_array($handle, $more + [
        CURLOPT_CUSTOMREQUEST => $method,
        CURLOPT_HTTPHEADER => $headers,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_HEADERFUNCTION => function ($_, $line) use (&$answered) {
            $parts = explode(':', $line, 2);
            if (count($parts) === 2) {
                $answered[$parts[0]] = trim($parts[1]);
            }
            return strlen($line);
        },
    ]);
    if ($body !== null) {
        curl_setopt($handle, CURLOPT_POSTFIELDS, $body);
    }
    if ($login !== null) {
        curl_setopt($handle, CURLOPT_USERPWD, $login);
    }
    $text = curl_exec($handle);
    check($text !== false, curl_error($handle));
    return [curl_getinfo($handle, CURLINFO_RESPONSE_CODE), $answered, $text];
}

/** soda-php: anything but 200 is an exception with the body. */
function soda_php(string $method, string $path, $data = null, array $query = [], string $token = 'demo-app-token')
{
    $url = 'https://' . DOMAIN . (preg_match('/^[a-z0-9]{4}-[a-z0-9]{4}$/', $path) ? "/resource/$path.json" : $path);
    $url .= $query ? '?' . http_build_query($query) : '';
    $headers = ['Accept: application/json', 'Content-type: application/json', "X-App-Token: $token"];
    $body = $data === null ? null : json_encode($data);
    [$status, , $text] = send($method, $url, $headers, $body, LOGIN);
    if ($status !== 200) {
        throw new Exception($text);
    }
    return json_decode($text, true);
}

/** PhpSoda: the status is not looked at; a body that is no JSON, or has a true `error`, is an exception. */
function phpsoda(string $method, string $path, ?string $body = null, ?string $login = LOGIN): array
{
    $headers = ['Accept: application/json', 'Content-Type: application/json', 'X-App-Token: demo-app-token'];
    $tls = [CURLOPT_SSLVERSION => CURL_SSLVERSION_TLSv1_2];
    [, $answered, $text] = send($method, 'https://' . DOMAIN . $path, $headers, $body, $login, $tls);
    $result = json_decode($text, true);
    check($method === 'DELETE' || $result !== null, "JSON: $text");
    if (is_array($result) && ($result['error'] ?? false) === true) {
        throw new Exception($result['message'] . ' ' . $result['code']);
    }
    return [$result, $answered];
}

function refused(callable $call): string
{
    try {
        $call();
    } catch (Exception $e) {
        return $e->getMessage();
    }
    throw new Exception('it was not refused');
}

$counts = soda_php('POST', ID, [['earthquake_id' => 'php-1', 'magnitude' => 1], ['earthquake_id' => 'php-2']]);
check($counts['Rows Created'] === 2, 'two rows are created');
$found = soda_php('GET', ID, null, ['$where' => "earthquake_id = 'php-1'"]);
check($found === [['earthquake_id' => 'php-1', 'magnitude' => '1']], 'the row is read back');
check(soda_php('GET', ID, null, ['$limit' => 1], '') !== [], 'an empty X-App-Token is none');
$grouped = soda_php('GET', ID, null, ['$select' => 'source, count(*)', '$group' => 'source', '$limit' => 1]);
check(isset($grouped[0]['count']), 'groups are counted');
check(str_contains(refused(fn() => soda_php('GET', ID, null, ['$nope' => 1])), 'nope'), 'an unknown parameter is named');
check(str_contains(refused(fn() => soda_php('POST', ID, [['nope' => 1]])), 'Illegal field name sent: nope'), 'and a field');

[$rows, $headers] = phpsoda('GET', '/resource/' . ID . '.json?');
check(count($rows) > 2 && isset($headers['X-SODA2-Fields'], $headers['X-SODA2-Types']), 'headers as production spells them');
check(isset($headers['X-SODA2-Truth-Last-Modified']) && !isset($headers['X-SODA2-Legacy-Types']), 'version 2.1 is told');
[$view] = phpsoda('GET', '/views/' . ID . '.json');
check($view['id'] === ID && $view['newBackend'] === true, 'metadata without /api');
// A CSV file is sent as JSON, every cell a text.
[$counts] = phpsoda('POST', '/resource/' . ID . '.json', json_encode([['earthquake_id' => 'php-3', 'magnitude' => '3.25']]));
check($counts['Rows Created'] === 1, 'a row of texts');
[$row] = phpsoda('GET', '/resource/' . ID . '/php-3.json');
check($row['magnitude'] === '3.25', 'one row');
phpsoda('DELETE', '/resource/' . ID . '/php-3.json');
check(str_contains(refused(fn() => phpsoda('POST', '/resource/' . ID . '.json', '[]', null)), 'authentication_required'), 'no login');
check(str_contains(refused(fn() => phpsoda('GET', '/resource/zzzz-zzzz.json')), 'dataset.missing'), 'no dataset');
// A wrong type is taken for a success unless the body says `error`.
$maltyped = refused(fn() => phpsoda('POST', '/resource/' . ID . '.json', '[{"earthquake_id":"php-4","magnitude":"many"}]'));
check(str_contains($maltyped, 'soda.column.maltyped'), 'a wrong type');
[$counts] = phpsoda('PUT', '/resource/' . ID . '.json', '[{"earthquake_id":"php-5"}]');
check($counts['Rows Created'] === 1 && count(soda_php('GET', ID)) === 1, 'all rows are replaced');
// Before PHP's curl sends a large body it asks whether it may.
$large = json_encode(array_map(fn($n) => ['earthquake_id' => "php-$n", 'region' => str_repeat('x', 400)], range(1, 5000)));
[$counts] = phpsoda('POST', '/resource/' . ID . '.json', $large);
check($counts['Rows Created'] === 4999 && $counts['Rows Updated'] === 1, 'a large body');
echo "soda-php, PhpSoda: passed\n";
