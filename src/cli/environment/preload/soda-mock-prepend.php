<?php
// PHP, loaded by auto_prepend_file: curl reaches the hosts that SODA_MOCK_REDIRECT names through SOCKS. Through a
// proxy of HTTP the proxy's own answer would stand in front of the headers that a program asks for with
// CURLOPT_HEADER, and no site answers so.
(static function () {
    $place = strtok((string) getenv('SODA_MOCK_REDIRECT'), ' ');
    if ($place !== false && getenv('https_proxy') === "http://$place" && function_exists('putenv')) {
        putenv("https_proxy=socks5h://$place");
    }
})();
// The file that would have been loaded without this one: the last setting of PHP's files counts.
$sodaMockOwn = (static function () {
    $own = '';
    $files = explode(',', php_ini_loaded_file() . ',' . php_ini_scanned_files());
    foreach (array_filter(array_map('trim', $files)) as $file) {
        $settings = basename($file) === 'soda-mock.ini' ? false : @parse_ini_file($file, false, INI_SCANNER_RAW);
        if (is_array($settings) && isset($settings['auto_prepend_file'])) {
            $own = trim($settings['auto_prepend_file'], "\"' ");
        }
    }
    return $own === 'none' ? '' : $own;
})();
if ($sodaMockOwn !== '') {
    require $sodaMockOwn;
}
unset($sodaMockOwn);
