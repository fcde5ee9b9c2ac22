# Sends standard input with Ruby's net/smtp.  Status 1 and the server's words
# on stderr where nothing was sent.
# usage: ruby send_net_smtp.rb HOST PORT SECONDS SENDER RECIPIENT...
require "net/smtp"

host, port, seconds, sender, *recipients = ARGV
smtp = Net::SMTP.new(host, port.to_i)
smtp.open_timeout = smtp.read_timeout = seconds.to_i
smtp.disable_starttls if smtp.respond_to?(:disable_starttls)
begin
  smtp.start(helo: "client.test") do
    smtp.send_message($stdin.read, sender, recipients)
  end
rescue Net::SMTPError, Net::ProtocolError, SystemCallError, IOError => e
  abort("#{e.class}: #{e.message}")
end
