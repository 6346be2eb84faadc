# Ruby, loaded by RUBYOPT=-r: connections to the hosts that SODA_MOCK_REDIRECT names go to soda-mock, also those of
# libraries that read no proxy from the environment; other hosts need no proxy. The TLS server name and the Host
# header stay as they are.

require 'socket'
require 'uri'

module SodaMockRedirect
  PLACE, *HOSTS = ENV.fetch('SODA_MOCK_REDIRECT', '').split
  HOST, PORT = PLACE.to_s.rpartition(':').values_at(0, 2)

  def self.named?(host)
    HOSTS.include?(host.to_s.downcase.chomp('.'))
  end

  def self.place(host, port)
    named?(host) ? [HOST.delete('[]'), PORT.to_i] : [host, port]
  end

  # TCPSocket.open, as Net::HTTP and http.rb call it.
  module Connection
    def initialize(host, port = nil, *rest, **options)
      super(*SodaMockRedirect.place(host, port), *rest, **options)
    end
  end

  # Socket.tcp and everything else that resolves a name first.
  module Resolution
    def getaddrinfo(host, port, *rest, **options)
      super(*SodaMockRedirect.place(host, port), *rest, **options)
    end
  end

  # Addrinfo.foreach, by which Socket.tcp resolves; it calls the class method.
  module Proxy
    def find_proxy(*rest)
      SodaMockRedirect.named?(hostname) ? super : nil
    end
  end
end

unless SodaMockRedirect::HOSTS.empty?
  # Started by PHP, whose own preload has it so.
  if ENV['https_proxy'] == "socks5h://#{SodaMockRedirect::PLACE}"
    ENV['https_proxy'] = "http://#{SodaMockRedirect::PLACE}"
  end
  TCPSocket.prepend(SodaMockRedirect::Connection)
  Addrinfo.singleton_class.prepend(SodaMockRedirect::Resolution)
  URI::Generic.prepend(SodaMockRedirect::Proxy) if ENV['SODA_MOCK_OTHERS'] == 'direct'
end
