<?php
// Sends standard input with PHPMailer.  Status 1 and the server's words on
// stderr where nothing was sent.
// usage: php send_phpmailer.php HOST PORT SECONDS SENDER RECIPIENT...
require "/usr/share/php/libphp-phpmailer/autoload.php";

use PHPMailer\PHPMailer\Exception;
use PHPMailer\PHPMailer\PHPMailer;

[, $host, $port, $seconds, $sender] = $argv;
$mail = new PHPMailer(true);
$mail->isSMTP();
$mail->Host = $host;
$mail->Port = (int) $port;
$mail->Helo = "client.test";
$mail->Timeout = (int) $seconds;
$mail->SMTPAutoTLS = false;
try {
    $mail->setFrom($sender);
    foreach (array_slice($argv, 5) as $recipient) {
        $mail->addAddress($recipient);
    }
    $mail->Subject = "x";
    $mail->Body = stream_get_contents(STDIN);
    $mail->send();
} catch (Exception $error) {
    fwrite(STDERR, $error->getMessage() . "\n");
    exit(1);
}
