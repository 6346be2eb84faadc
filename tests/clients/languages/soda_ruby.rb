# What soda-ruby 0.2.25 sends (lib/soda/client.rb) and reads, by a domain in the code: every request a JSON body,
# that of GET the four bytes "null", and an address that ends in "?".
require 'json'
require 'net/http'

DOMAIN = 'data.city.gov'
ID = '4tka-6guv'

class Refused < StandardError
  attr_reader :code

  def initialize(response)
    @code = response.code.to_i
    super(response.body)
  end
end

def request(method, path, body: nil, query: '', login: ['publisher@example.com', 'publisher'], form: nil)
  uri = URI("https://#{DOMAIN}#{path}?#{query}")
  request = Net::HTTP.const_get(method).new(uri.request_uri)
  request.add_field('X-App-Token', 'demo-app-token')
  request['User-Agent'] = 'soda-ruby/0.2.25 (Linux; ruby 3.1)'
  if form
    request.set_form_data(form)
  elsif method != 'Delete'
    request.content_type = 'application/json'
    request.body = body.to_json
  end
  login.is_a?(String) ? request['Authorization'] = "OAuth #{login}" : request.basic_auth(*login) if login
  response = Net::HTTP.start(uri.host, uri.port, use_ssl: true) { |http| http.request(request) }
  # Exactly 200; 202 would be handed on as a result.
  raise Refused, response unless %w[200 202].include?(response.code)

  response
end

def read(response)
  response.body.empty? ? nil : JSON.parse(response.body)
end

def assert_equal(expected, actual)
  raise "expected #{expected.inspect}, got #{actual.inspect}" unless expected == actual
end

def refused(code)
  yield
rescue Refused => e
  assert_equal code, e.code
  error = JSON.parse(e.message)
  assert_equal true, error['error']
  error['code']
else
  raise 'it was not refused'
end

rows = "/resource/#{ID}.json"
assert_equal 2, read(request('Post', rows, body: [{ earthquake_id: 'rb-1', magnitude: 1 }, { earthquake_id: 'rb-2' }]))['Rows Created']
assert_equal({ 'Errors' => 1, 'Rows Updated' => 1, 'Rows Deleted' => 1 },
             read(request('Post', rows, body: [{ 'earthquake_id' => 'rb-1', 'magnitude' => '2.5' },
                                               { 'earthquake_id' => 'rb-2', ':deleted' => true },
                                               { 'earthquake_id' => 'none', ':deleted' => true }]))
               .slice('Errors', 'Rows Updated', 'Rows Deleted'))
found = request('Get', rows, query: URI.encode_www_form('$where' => "earthquake_id = 'rb-1'"))
assert_equal [{ 'earthquake_id' => 'rb-1', 'magnitude' => '2.5' }], read(found)
raise 'no X-SODA2-Fields' unless JSON.parse(found['X-SODA2-Fields']).include?('magnitude')
assert_equal '2.5', read(request('Get', "/resource/#{ID}/rb-1.json"))['magnitude']
assert_equal 'rb-1', read(request('Post', "/resource/#{ID}/rb-1.json", body: { region: 'Here' }))['earthquake_id']
assert_equal 1, read(request('Post', rows, form: { 'earthquake_id' => 'rb-3' }))['Rows Created']
assert_equal '200', request('Delete', "/resource/#{ID}/rb-3.json").code
assert_equal 'soda.row.not-found', JSON.parse((request('Get', "/resource/#{ID}/rb-3.json") rescue $!.message))['errorCode']
# A path that ends in a dot and word characters is sent without an extension.
assert_equal 'row', read(request('Get', rows, query: '$select=:id&$limit=1'))[0][':id'][0, 3]
row_id = read(request('Get', "/id/#{ID}.json", query: '$select=:id&$limit=1'))[0][':id']
assert_equal 404, ((request('Get', "/resource/#{ID}/#{row_id}") && 200) rescue $!.code)
refused(403) { request('Post', rows, body: [{ earthquake_id: 'rb-4' }], login: nil) }
assert_equal 'authentication_required', refused(403) { request('Post', rows, body: [], login: %w[publisher@example.com wrong]) }
assert_equal 'authentication_required', refused(403) { request('Post', rows, body: [], login: 'no-token') }
assert_equal 'invalid_request', refused(400) { request('Post', rows, body: [{ nope: 1 }]) }
assert_equal 'dataset.missing', refused(404) { request('Get', '/resource/zzzz-zzzz.json') }
assert_equal 2, read(request('Put', rows, body: [{ earthquake_id: 'rb-5' }, { earthquake_id: 'rb-6' }]))['Rows Created']
puts 'soda-ruby: passed'
