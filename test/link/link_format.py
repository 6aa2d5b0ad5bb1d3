"""The `packed` link format in another language, to hold docs/link-format.md to its word.

Reads the tables of the document and checks the vectors beside it: every token is written byte for
byte and read back, and every bad one is refused for the reason that is named. Nothing here was
taken from the TypeScript code. Needs Python 3.11 and `cryptography` (python3-cryptography).

    link_format.py                check the vectors
    link_format.py --emit FILE    also write tokens of its own, one JSON object a line
    link_format.py --read FILE    also read tokens that somebody else wrote, likewise
"""

import base64
import hmac
import json
import math
import os
import random
import re
import struct
import sys
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

DOCS = Path(__file__).resolve().parents[2] / "docs"
DOCUMENT = (DOCS / "link-format.md").read_text(encoding="utf-8")
VECTORS = json.loads((DOCS / "link-format.vectors.json").read_text(encoding="utf-8"))

# --- tables -------------------------------------------------------------------------------------

VERSION = 0xA5
PURPOSES = ("open", "click", "unsubscribe", "seen")
MAX_INTEGER = 2**53 - 1
MAX_DEPTH = 128
SHIFT = 63


def table_below(heading, skip=0):
    """The rows of a table of the document, so that it is the document which is tested."""
    section = DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    tables = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return [cells(line) for line in tables[skip].splitlines()[2:]]


def cells(line):
    """The cells of a row; a bar of the text itself stands behind a backslash."""
    parts = re.split(r"(?<!\\)\|", line)[1:-1]
    return [part.strip().replace("\\|", "|").replace("`", "") for part in parts]


def numbered(rows):
    return {int(number, 16): text for number, text in rows}


UNITS = [unit for row in table_below("Compact text") for unit in row[1:]]
ALPHABET = "".join(" " if unit == "space" else unit for unit in UNITS[:62])
FIELD_TYPES = {row[1]: row[2] for row in table_below("The payload")}
ALL_FIELDS = numbered(row[:2] for row in table_below("The payload"))
# A URL is written in a way of its own.
FIELDS = {
    number: name
    for number, name in ALL_FIELDS.items()
    if 0x02 <= number and not 0x10 <= number < 0x20
}
URL_STARTS = ["" if row[1] == "(nothing)" else row[1] for row in table_below("The payload", 1)]
WORDS = numbered(row[i : i + 2] for row in table_below("Words") for i in range(0, len(row), 2))
TAG_OF_WORD = {word: tag for tag, word in WORDS.items()}


class LinkError(Exception):
    """A token that cannot be read; the message is the code that the vectors name."""


def require(condition):
    if not condition:
        raise LinkError("INVALID_TOKEN")


# --- writing values -----------------------------------------------------------------------------


def write_varint(number):
    groups = bytearray()
    while number >= 128:
        groups.append(number % 128 + 128)
        number //= 128
    groups.append(number)
    return bytes(groups)


def compact_units(text):
    """The text in units of the compact alphabet, or None if it has a character of another."""
    units = []
    for character in text:
        if character in ALPHABET:
            units.append(ALPHABET.index(character))
        elif "A" <= character <= "Z":
            units += [SHIFT, ALPHABET.index(character.lower())]
        else:
            return None
    return units


def write_compact(units):
    length = math.ceil(len(units) * 6 / 8)
    bits = 0
    for unit in units:
        bits = bits << 6 | unit
    bits <<= length * 8 - len(units) * 6
    packed = bits.to_bytes(length, "big")
    if len(units) < 64:
        return bytes([0x40 + len(units)]) + packed
    return b"\x0b" + write_varint(len(units)) + packed


def write_text(text):
    units = compact_units(text)
    if units is not None and math.ceil(len(units) * 6 / 8) <= len(text):
        return write_compact(units)
    try:
        encoded = text.encode("utf-8")
    except UnicodeEncodeError:  # a lone surrogate
        encoded = text.encode("utf-16-le", "surrogatepass")
        return b"\x0c" + write_varint(len(encoded) // 2) + encoded
    if len(encoded) < 64:
        return bytes([0x80 + len(encoded)]) + encoded
    return b"\x0a" + write_varint(len(encoded)) + encoded


UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\Z")


def write_string(text):
    if text in TAG_OF_WORD:
        return bytes([TAG_OF_WORD[text]])
    if UUID.match(text) and text in (text.lower(), text.upper()):
        tag = b"\x06" if text == text.lower() else b"\x07"
        return tag + bytes.fromhex(text.replace("-", ""))
    return write_text(text)


def is_negative_zero(number):
    return number == 0 and math.copysign(1, number) < 0


def write_number(number):
    is_whole = number == int(number) and abs(number) <= MAX_INTEGER
    if not is_whole or is_negative_zero(number):
        return b"\x03" + struct.pack(">d", number)
    number = int(number)
    if number < 0:
        return b"\x05" + write_varint(-1 - number)
    return bytes([0x20 + number]) if number < 32 else b"\x04" + write_varint(number)


def write_value(value):
    if value is None:
        return b"\x00"
    if isinstance(value, bool):
        return b"\x02" if value else b"\x01"
    if isinstance(value, (int, float)):
        return write_number(value)
    if isinstance(value, str):
        return write_string(value)
    if isinstance(value, list):
        return b"\x08" + write_varint(len(value)) + b"".join(map(write_value, value))
    members = b"".join(write_string(key) + write_value(item) for key, item in value.items())
    if len(value) < 16:
        return bytes([0x10 + len(value)]) + members
    return b"\x09" + write_varint(len(value)) + members


def write_url(url):
    start = max(
        (i for i, text in enumerate(URL_STARTS) if url.startswith(text)),
        key=lambda i: len(URL_STARTS[i]),
    )
    field = 0x10 + start if start else 0x01
    return bytes([field]) + write_text(url[len(URL_STARTS[start]) :])


def write_payload(payload):
    body = write_url(payload["url"]) if "url" in payload else b""
    for number, name in FIELDS.items():
        if name in payload:
            value = payload[name]
            if name == "part":
                value = 1 if value == "text" else 0
            if name == "mode":
                value = 1
            body += bytes([number]) + write_value(value)
    return body


# --- reading values -----------------------------------------------------------------------------


class Reader:
    """Reads values one after the other, and never past the end."""

    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, length):
        require(self.at + length <= len(self.data))
        self.at += length
        return self.data[self.at - length : self.at]

    def byte(self):
        return self.take(1)[0]

    def varint(self):
        number = 0
        for i in range(8):
            group = self.byte()
            number |= (group & 127) << 7 * i
            if group < 128:
                require(number <= MAX_INTEGER)
                return number
        raise LinkError("INVALID_TOKEN")

    def compact(self, count):
        length = math.ceil(count * 6 / 8)
        bits = int.from_bytes(self.take(length), "big") >> (length * 8 - count * 6)
        text = ""
        is_shifted = False
        for i in range(count):
            unit = bits >> 6 * (count - 1 - i) & 63
            if is_shifted:
                require(unit < 26)
                text += ALPHABET[unit].upper()
                is_shifted = False
            elif unit == SHIFT:
                is_shifted = True
            else:
                require(unit < len(ALPHABET))
                text += ALPHABET[unit]
        require(not is_shifted)
        return text

    def uuid(self):
        digits = self.take(16).hex()
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def array(self, depth):
        require(depth <= MAX_DEPTH)
        return [self.value(depth + 1) for _ in range(self.varint())]

    def object(self, count, depth):
        require(depth <= MAX_DEPTH)
        members = {}
        for _ in range(count):
            key = self.value(depth + 1)
            require(isinstance(key, str))
            members[key] = self.value(depth + 1)
        return members

    def value(self, depth=0):
        tag = self.byte()
        if tag >= 0xC0:
            return WORDS[tag]
        if tag >= 0x80:
            return self.take(tag - 0x80).decode("utf-8")
        if tag >= 0x40:
            return self.compact(tag - 0x40)
        if tag >= 0x20:
            return tag - 0x20
        if tag >= 0x10:
            return self.object(tag - 0x10, depth)
        return self.tagged(tag, depth)

    def tagged(self, tag, depth):
        match tag:
            case 0x00:
                return None
            case 0x01:
                return False
            case 0x02:
                return True
            case 0x03:
                return struct.unpack(">d", self.take(8))[0]
            case 0x04:
                return self.varint()
            case 0x05:
                return -1 - self.varint()
            case 0x06:
                return self.uuid()
            case 0x07:
                return self.uuid().upper()
            case 0x08:
                return self.array(depth)
            case 0x09:
                return self.object(self.varint(), depth)
            case 0x0A:
                return self.take(self.varint()).decode("utf-8")
            case 0x0B:
                return self.compact(self.varint())
            case 0x0C:
                return self.take(2 * self.varint()).decode("utf-16-le", "surrogatepass")
        raise LinkError("INVALID_TOKEN")


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def has_type_of(name, value):
    if name == "metadata":
        return isinstance(value, dict)
    if name == "tags":
        return isinstance(value, list) and all(isinstance(tag, str) for tag in value)
    if FIELD_TYPES[name].startswith("boolean"):
        return isinstance(value, bool)
    is_text = FIELD_TYPES[name].startswith("text")
    return isinstance(value, str) if is_text else is_number(value)


def read_payload(body):
    reader = Reader(body)
    payload = {}
    while reader.at < len(body):
        field = reader.byte()
        value = reader.value()
        if field == 0x01 or 0x10 <= field < 0x10 + len(URL_STARTS):
            require(isinstance(value, str))
            payload["url"] = (URL_STARTS[field - 0x10] if field > 0x01 else "") + value
        elif field in FIELDS:
            name = FIELDS[field]
            require(has_type_of(name, value))
            if name == "part":
                value = "text" if value == 1 else "html"
            payload[name] = "anonymous" if name == "mode" else value
    return payload


# --- sealing ------------------------------------------------------------------------------------


def hkdf(secret, info, length):
    return HKDF(hashes.SHA256(), length, None, info.encode()).derive(secret)


def decode_key(encoded):
    return base64.urlsafe_b64decode(encoded.replace("+", "-").replace("/", "_").rstrip("=") + "=")


def key_id(secret):
    return hkdf(secret, "packed/key-id", 1)


def cipher(secret, purpose, sent_at):
    return AESGCM(hkdf(secret, f"packed/1/{purpose}/{sent_at // 16384}", 32))


def associated_data(head, purpose, context):
    return head + purpose.encode() + b"\0" + context.encode()


def encode_token(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def seal(secret, context, purpose, sent_at, nonce, body):
    head = bytes([VERSION]) + key_id(secret) + sent_at.to_bytes(4, "big")
    associated = associated_data(head, purpose, context)
    sealed = cipher(secret, purpose, sent_at).encrypt(nonce, body, associated)
    return encode_token(head + nonce + sealed)


def anonymous_nonce(secret, context, purpose, sent_at, body):
    key = hkdf(secret, "packed/1/anonymous-nonce", 32)
    head = bytes([VERSION]) + key_id(secret) + sent_at.to_bytes(4, "big")
    associated = associated_data(head, purpose, context)
    content = len(associated).to_bytes(4, "big") + associated + body
    return hmac.digest(key, content, "sha256")[:12]


def decode_token(token):
    require(re.fullmatch(r"[A-Za-z0-9_-]*", token) and len(token) % 4 != 1)
    data = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    require(encode_token(data) == token and len(data) >= 34 and data[0] == VERSION)
    return data


def unseal(secrets, context, purpose, token):
    """What a token carries, and when it was sealed."""
    data = decode_token(token)
    candidates = [secret for secret in secrets if key_id(secret) == data[1:2]]
    if not candidates:
        raise LinkError("UNKNOWN_KEY")
    sent_at = int.from_bytes(data[2:6], "big")
    for other in sorted(PURPOSES, key=lambda name: name != purpose):
        for secret in candidates:
            associated = associated_data(data[:6], other, context)
            try:
                body = cipher(secret, other, sent_at).decrypt(data[6:18], data[18:], associated)
            except InvalidTag:
                continue
            if other != purpose:
                raise LinkError("WRONG_PURPOSE")
            return read_payload(body), sent_at
    raise LinkError("INVALID_TOKEN")


# --- checking -----------------------------------------------------------------------------------


def is_same(one, other):
    """Equal to JavaScript: 1 and 1.0 are one number, 0 and -0 are two; the order of keys counts."""
    if is_number(one) and is_number(other):
        return struct.pack(">d", one) == struct.pack(">d", other)
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return type(one) is type(other) and one == other


def is_same_payload(one, other):
    """The fields of a payload have no order; what they hold has."""
    return set(one) == set(other) and all(is_same(one[name], other[name]) for name in one)


class Tally:
    """Counts what held and says what did not."""

    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, holds):
        if holds:
            self.passed += 1
        else:
            self.failed += 1
            print(f"failed: {name}")


def check_vectors(tally):
    tally.check("the document lists 64 words", sorted(WORDS) == list(range(0xC0, 0x100)))
    for vector in VECTORS["keyIds"]:
        tally.check("key id", key_id(decode_key(vector["key"])).hex() == vector["id"])
    for vector in VECTORS["valid"]:
        body = write_payload(vector["payload"])
        tally.check(f"body of {vector['name']}", body.hex() == vector["body"])
        token = seal(
            decode_key(vector["key"]),
            vector["context"],
            vector["purpose"],
            vector["sentAt"],
            bytes.fromhex(vector["nonce"]),
            body,
        )
        tally.check(f"token of {vector['name']}", token == vector["token"])
        if "mode" in vector["payload"]:
            nonce = anonymous_nonce(
                decode_key(vector["key"]),
                vector["context"],
                vector["purpose"],
                vector["sentAt"],
                body,
            )
            tally.check(f"nonce of {vector['name']}", nonce.hex() == vector["nonce"])
    for vector in VECTORS["valid"] + VECTORS["lenient"]:
        check_reading(tally, vector)
    for vector in VECTORS["invalid"]:
        check_refusal(tally, vector)


def read_vector(vector):
    secrets = [decode_key(vector["key"])]
    return unseal(secrets, vector["context"], vector["purpose"], vector["token"])


def check_reading(tally, vector):
    try:
        payload, sent_at = read_vector(vector)
    except LinkError as error:
        tally.check(f"reading {vector['name']}: {error}", False)
        return
    holds = is_same_payload(payload, vector["payload"]) and sent_at == vector["sentAt"]
    tally.check(f"reading {vector['name']}", holds)


def check_refusal(tally, vector):
    try:
        read_vector(vector)
    except LinkError as error:
        tally.check(f"refusing {vector['name']}", str(error) == vector["error"])
    else:
        tally.check(f"refusing {vector['name']}", False)


# --- exchanging tokens --------------------------------------------------------------------------


def some_json(depth=0):
    kinds = ["text", "whole", "double", "word", "uuid", "none", "flag"]
    match random.choice(kinds + (["list", "object"] if depth < 3 else [])):
        case "text":
            return "".join(random.choices("abcXYZ019/-. é€😀\u0000", k=random.randrange(90)))
        case "whole":
            return random.randint(-MAX_INTEGER, MAX_INTEGER) >> random.randrange(54)
        case "double":
            return random.choice([0.5, -0.0, 1e300, 5e-324, random.random()])
        case "word":
            return random.choice(list(TAG_OF_WORD))
        case "uuid":
            digits = os.urandom(16).hex()
            text = f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
            return random.choice([text, text.upper()])
        case "none":
            return None
        case "flag":
            return random.choice([True, False])
        case "list":
            return [some_json(depth + 1) for _ in range(random.randrange(4))]
    return {f"k{i}": some_json(depth + 1) for i in range(random.randrange(20))}


def some_payload():
    payload = {
        "url": random.choice(URL_STARTS[1:]) + "example.com/Path?q=" + "a" * random.randrange(80),
        "metadata": {f"key {i}": some_json() for i in range(random.randrange(5))},
        "messageId": "<é@example.com>",
        "recipient": "ann@example.com",
        "tags": ["newsletter", "Über"],
        "linkIndex": random.randrange(200),
        "linkCount": random.randrange(MAX_INTEGER),
        "linkLabel": "big button",
        "part": random.choice(["html", "text"]),
        "webhookUrl": "https://hooks.example.com/T",
        "webhookTimeoutSeconds": random.choice([1, 2.5, 3600]),
        "trackedLinkCount": random.randrange(MAX_INTEGER),
        "isUnsubscribeLink": random.choice([True, False]),
        "list": random.choice(["news", "__proto__", "Köln"]),
    }
    return {name: value for name, value in payload.items() if random.random() < 0.8}


def emit(path):
    secret = decode_key(VECTORS["keyIds"][0]["key"])
    with open(path, "w", encoding="utf-8") as lines:
        for _ in range(200):
            payload = some_payload()
            purpose = random.choice(PURPOSES)
            sent_at = random.randrange(2**32)
            context = random.choice(["", "acme", "Käse"])
            body = write_payload(payload)
            link = {
                "key": VECTORS["keyIds"][0]["key"],
                "context": context,
                "purpose": purpose,
                "sentAt": sent_at,
                "token": seal(secret, context, purpose, sent_at, os.urandom(12), body),
                "payload": payload,
            }
            print(json.dumps(link), file=lines)


def read(tally, path):
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            check_reading(tally, {"name": f"line {number}", **json.loads(line)})


def main(arguments):
    tally = Tally()
    check_vectors(tally)
    match arguments:
        case []:
            pass
        case ["--emit", path]:
            emit(path)
        case ["--read", path]:
            read(tally, path)
        case _:
            sys.exit(__doc__)
    print(f"{tally.passed} passed, {tally.failed} failed")
    sys.exit(1 if tally.failed else 0)


if __name__ == "__main__":
    main(sys.argv[1:])
