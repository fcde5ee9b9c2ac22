// Sends standard input with nodemailer.  Status 1 and the server's words on
// stderr where nothing was sent.
// usage: node send_nodemailer.js HOST PORT SECONDS TLS CA USER:PASSWORD \
//            SENDER RECIPIENT...
// TLS is '', optional, starttls or implicit.  CA is a file, whom to trust;
// where it is '', everybody is.  A login of '' is none.
"use strict";
const nodemailer = require("nodemailer");
const { readFileSync } = require("fs");

const [host, port, seconds, tls, ca, login, from, ...to] =
    process.argv.slice(2);
const [user, pass] = login.split(":");
const transport = nodemailer.createTransport({
    host,
    port: Number(port),
    name: "client.test",
    secure: tls === "implicit",
    ignoreTLS: tls === "",
    requireTLS: tls === "starttls",
    tls: ca ? { ca: readFileSync(ca) } : { rejectUnauthorized: false },
    connectionTimeout: seconds * 1000,
    greetingTimeout: seconds * 1000,
    socketTimeout: seconds * 1000,
    auth: login ? { user, pass } : undefined,
});

function tell(error) {
    console.error(error.code, error.message);
}

const raw = readFileSync(0);
transport.sendMail({ envelope: { from, to }, raw }).then(
    (info) => (info.rejectedErrors || []).forEach(tell),
    (error) => {
        tell(error);
        process.exitCode = 1;
    });
