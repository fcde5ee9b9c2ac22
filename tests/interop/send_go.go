// Sends standard input with net/smtp.SendMail.  Status 1 and the server's
// words on stderr where nothing was sent.  SendMail has no timeout.
// usage: send_go HOST PORT SENDER RECIPIENT
package main

import (
	"fmt"
	"io"
	"net/smtp"
	"os"
)

func main() {
	message, err := io.ReadAll(os.Stdin)
	if err == nil {
		err = smtp.SendMail(os.Args[1]+":"+os.Args[2], nil, os.Args[3],
			os.Args[4:], message)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
