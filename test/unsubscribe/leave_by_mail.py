"""Leaves a list as a mail program would, with what Python has: reads a mail from stdin.

    leave_by_mail.py urlencoded|multipart ORIGIN    posts, and prints the status
    leave_by_mail.py mailto                         prints the mail that it would send
"""

import sys
from email import message_from_binary_file, policy
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from urllib.error import HTTPError
from urllib.parse import parse_qs, unquote, urlencode, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener


class NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


def uris(mail):
    return [one.strip().strip('<>') for one in mail['List-Unsubscribe'].split(',')]


def form_of(encoding, name, value):
    if encoding == 'urlencoded':
        body = urlencode({name: value}).encode()
        return body, 'application/x-www-form-urlencoded'
    form = MIMEMultipart('form-data')
    part = MIMEText(value)
    part.add_header('Content-Disposition', 'form-data', name=name)
    form.attach(part)
    raw = form.as_bytes(policy=policy.HTTP)
    return raw.split(b'\r\n\r\n', 1)[1], form['Content-Type']


def post(mail, encoding, origin):
    name, value = mail['List-Unsubscribe-Post'].split('=')
    url = urlsplit(next(uri for uri in uris(mail) if uri.startswith('https:')))
    # The host of the mail does not exist: this is where its reverse proxy would lead.
    here = urlunsplit(urlsplit(origin)[:2] + url[2:])
    body, content_type = form_of(encoding, name, value)
    request = Request(here, data=body, method='POST', headers={'Content-Type': content_type})
    try:
        with build_opener(NoRedirect).open(request, timeout=10) as response:
            return response.status
    except HTTPError as error:
        return error.code


def mail_of(mail):
    uri = urlsplit(next(uri for uri in uris(mail) if uri.startswith('mailto:')))
    reply = EmailMessage(policy=policy.SMTP.clone(max_line_length=60))
    reply['From'] = mail['To']
    reply['To'] = unquote(uri.path)
    reply['Subject'] = parse_qs(uri.query)['subject'][0]
    reply.set_content('')
    return reply.as_bytes()


received = message_from_binary_file(sys.stdin.buffer, policy=policy.default)
if sys.argv[1] == 'mailto':
    sys.stdout.buffer.write(mail_of(received))
else:
    print(post(received, sys.argv[1], sys.argv[2]))
