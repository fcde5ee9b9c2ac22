# Sends standard input with Net::SMTP, on to the next recipient where one is
# refused.  Status 1 and the server's words on stderr where nothing was sent.
# usage: perl send_net_smtp.pl HOST PORT SECONDS TLS CA USER:PASSWORD SENDER \
#            RECIPIENT...
# TLS is '', starttls or implicit.  CA is a file, whom to trust; where it is '',
# everybody is.  A login of '' is none.
use strict;
use warnings;
use Net::SMTP;

my ($host, $port, $seconds, $tls, $ca, $login, $sender, @recipients) = @ARGV;
my @trust = $ca ? (SSL_ca_file => $ca) : (SSL_verify_mode => 0);
my $text = do { local $/; <STDIN> };
my $smtp = Net::SMTP->new($host, Port => $port, Hello => "client.test",
                          Timeout => $seconds, SSL => $tls eq "implicit",
                          @trust) or die "$@\n";

sub tell_refusal {
    print STDERR shift, ": ", $smtp->code, " ", $smtp->message;
    return;
}

sub give_up {
    tell_refusal(shift);
    $smtp->quit;
    exit 1;
}

$smtp->starttls(@trust) or give_up("STARTTLS") if $tls eq "starttls";
$smtp->auth(split /:/, $login) or give_up("AUTH") if $login;
$smtp->mail($sender) or give_up("MAIL");
my @taken = grep { $smtp->to($_) || tell_refusal("RCPT $_") } @recipients;
if (!@taken) {
    $smtp->quit;
    exit 1;
}
$smtp->data($text) or give_up("DATA");
$smtp->quit;
