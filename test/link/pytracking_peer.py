"""
The Python end of an exchange of pytracking links: writes and reads them with nothing but Python's
own json, base64 and urllib, and the cryptography package's Fernet, which is what pytracking is made
of. Takes a JSON array on standard input and gives one on standard output.

    write   [{key, time, iv, base, slash, data}] -> [tracking URL]
    read    [{key, token}] -> [the text in the token]
"""

import base64
import json
import sys
from urllib.parse import urljoin

from cryptography.fernet import Fernet


def write(link):
    text = json.dumps(link["data"]).encode("utf-8")
    if link["key"]:
        # Fernet.encrypt, with a time and an IV that can be repeated.
        token = Fernet(link["key"])._encrypt_from_parts(
            text, link["time"], bytes.fromhex(link["iv"])
        )
    else:
        token = base64.urlsafe_b64encode(text)
    url = urljoin(link["base"], token.decode("ascii"))
    return url + "/" if link["slash"] else url


def read(link):
    token = link["token"].encode("ascii")
    if link["key"]:
        return Fernet(link["key"]).decrypt(token).decode("utf-8")
    return base64.urlsafe_b64decode(token).decode("utf-8")


work = {"write": write, "read": read}[sys.argv[1]]
json.dump([work(link) for link in json.load(sys.stdin)], sys.stdout)
