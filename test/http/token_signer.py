#!/usr/bin/env python3
"""An identity provider for tests: keys made by the openssl command, and the tokens that they sign.

    token_signer.py make FOLDER NAME rsa|weak|ec      a key pair
    token_signer.py pem FOLDER NAME                   its public half
    token_signer.py jwks FOLDER NAME...               a key set; the names are the key ids
    token_signer.py sign FOLDER BATCH                 tokens for a JSON array of {"key","header","claims"}

In a batch header and claims are texts, so that they may be malformed. A key "hmac:NAME" is the public
PEM of NAME taken for a secret.
"""

import base64
import hashlib
import hmac
import json
import pathlib
import subprocess
import sys

GENERATE = {
    "rsa": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "weak": ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:1024"],
    "ec": ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
}


def openssl(*arguments, data=b""):
    return subprocess.run(["openssl", *arguments], input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


class Signer:
    """Keys in a folder, by name."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)

    def path(self, name):
        return str(self.folder / f"{name}.pem")

    def make(self, name, kind="rsa"):
        openssl("genpkey", *GENERATE[kind], "-out", self.path(name))

    def is_ec(self, name):
        return b"BEGIN EC" in openssl("pkey", "-in", self.path(name), "-traditional")

    def pem(self, name):
        return openssl("pkey", "-in", self.path(name), "-pubout").decode()

    def jwk(self, name):
        if self.is_ec(name):
            point = openssl("pkey", "-in", self.path(name), "-pubout", "-outform", "DER")[-64:]
            return {"kty": "EC", "crv": "P-256", "kid": name, "x": base64url(point[:32]), "y": base64url(point[32:])}
        modulus = openssl("rsa", "-in", self.path(name), "-noout", "-modulus").decode().strip().partition("=")[2]
        return {"kty": "RSA", "kid": name, "use": "sig", "n": base64url(bytes.fromhex(modulus)), "e": "AQAB"}

    def jwks(self, *names):
        return {"keys": [self.jwk(name) for name in names]}

    def signature(self, name, content):
        if name.startswith("hmac:"):
            return hmac.new(self.pem(name[5:]).encode(), content, hashlib.sha256).digest()
        made = openssl("dgst", "-sha256", "-sign", self.path(name), data=content)
        return pair_of(made) if self.is_ec(name) else made

    def sign(self, name, header, claims):
        """A token of texts."""
        content = f"{base64url(header.encode())}.{base64url(claims.encode())}"
        return f"{content}.{base64url(self.signature(name, content.encode()))}"

    def token(self, name, claims):
        """A token of claims as a provider makes them."""
        header = {"alg": "ES256" if self.is_ec(name) else "RS256", "kid": name, "typ": "JWT"}
        return self.sign(name, json.dumps(header), json.dumps(claims))


def pair_of(der):
    """The two numbers of an ECDSA signature, 32 bytes each."""
    first = 4 + der[3]
    numbers = (der[4:first], der[first + 2 : first + 2 + der[first + 1]])
    return b"".join(number.lstrip(b"\0").rjust(32, b"\0") for number in numbers)


def main(command, folder, *arguments):
    signer = Signer(folder)
    if command == "make":
        signer.make(*arguments)
    elif command == "pem":
        print(signer.pem(*arguments))
    elif command == "jwks":
        print(json.dumps(signer.jwks(*arguments)))
    elif command == "sign":
        print(json.dumps([signer.sign(one["key"], one["header"], one["claims"]) for one in json.loads(arguments[0])]))


if __name__ == "__main__":
    main(*sys.argv[1:])
