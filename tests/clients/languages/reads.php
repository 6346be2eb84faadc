<?php
// Reads by curl, and tries PHP's streams, which know no proxy: `reads.php [ADDRESS]`, a line for each.
const ADDRESS = 'https://data.city.gov/resource/4tka-6guv.json?$select=earthquake_id&$limit=1';
$address = $argv[1] ?? ADDRESS;
$handle = curl_init($address);
curl_setopt($handle, CURLOPT_RETURNTRANSFER, true);
$answer = curl_exec($handle);
// With the headers, as PhpSoda splits them: a proxy's answer would be taken for the head.
curl_setopt($handle, CURLOPT_HEADER, true);
$parts = explode("\r\n\r\n", (string) curl_exec($handle), 2);
if (trim($parts[1] ?? '') !== trim((string) $answer)) {
    fwrite(STDERR, 'another head stands in front: ' . json_encode($parts) . PHP_EOL);
    exit(1);
}
echo 'curl ', $answer === false ? 'failed: ' . curl_error($handle) : trim($answer), PHP_EOL;
$stream = @file_get_contents($address);
fwrite(STDERR, $stream === false ? 'streams are refused: ' . error_get_last()['message'] . PHP_EOL : "streams reach $address\n");
exit($answer === false ? 1 : 0);
