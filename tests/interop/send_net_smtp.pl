# Sends standard input with Net::SMTP, on to the next recipient where one is
# refused.  Status 1 and the server's words on stderr where nothing was sent.
# usage: perl send_net_smtp.pl PORT USER:PASSWORD|'' SENDER RECIPIENT...
use strict;
use warnings;
use Net::SMTP;

my ($port, $login, $sender, @recipients) = @ARGV;
my $text = do { local $/; <STDIN> };
my $smtp = Net::SMTP->new("127.0.0.1", Port => $port, Hello => "client.test",
                          Timeout => 15) or die "$@\n";

sub tell_refusal {
    print STDERR shift, ": ", $smtp->code, " ", $smtp->message;
    return;
}

sub give_up {
    tell_refusal(shift);
    $smtp->quit;
    exit 1;
}

$smtp->auth(split /:/, $login) or give_up("AUTH") if $login;
$smtp->mail($sender) or give_up("MAIL");
my @taken = grep { $smtp->to($_) || tell_refusal("RCPT $_") } @recipients;
if (!@taken) {
    $smtp->quit;
    exit 1;
}
$smtp->data($text) or give_up("DATA");
$smtp->quit;
