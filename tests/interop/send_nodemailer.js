// Sends standard input with nodemailer.  Status 1 and the server's words on
// stderr where nothing was sent.
// usage: node send_nodemailer.js PORT USER:PASSWORD|'' SENDER RECIPIENT...
"use strict";
const nodemailer = require("nodemailer");

const [port, login, from, ...to] = process.argv.slice(2);
const [user, pass] = login.split(":");
const transport = nodemailer.createTransport({
    host: "127.0.0.1",
    port: Number(port),
    name: "client.test",
    ignoreTLS: true,
    auth: login ? { user, pass } : undefined,
});

function tell(error) {
    console.error(error.code, error.message);
}

const raw = require("fs").readFileSync(0);
transport.sendMail({ envelope: { from, to }, raw }).then(
    (info) => (info.rejectedErrors || []).forEach(tell),
    (error) => {
        tell(error);
        process.exitCode = 1;
    });
