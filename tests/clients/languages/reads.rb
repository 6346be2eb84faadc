# Reads with the proxy of the environment and without any: `reads.rb [ADDRESS]`, a line for each.
require 'net/http'
require 'open-uri'

ADDRESS = 'https://data.city.gov/resource/4tka-6guv.json?$select=earthquake_id&$limit=1'
uri = URI(ARGV[0] || ADDRESS)
ways = {
  'Net::HTTP' => -> { Net::HTTP.get(uri) },
  'open-uri' => -> { uri.open.read },
  'Net::HTTP without a proxy' => lambda {
    Net::HTTP.start(uri.host, uri.port, nil, use_ssl: true) { |http| http.get(uri.request_uri).body }
  }
}
failed = false
ways.each do |name, read|
  puts "#{name} #{read.call.strip}"
rescue StandardError => e
  failed = true
  puts "#{name} failed: #{e.message}"
end
exit !failed
