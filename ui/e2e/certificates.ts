import { execFileSync } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import forge from "node-forge";

const day = 86_400_000;

/** A self-signed certificate with its key, in PEM. */
export interface Pair {
  key: string;
  certificate: string;
}

/** Makes an RSA pair that is valid from one day to another, counted from now. */
export function pair(name: string, from = -1, to = 90): Pair {
  const key = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ type: "pkcs1", format: "pem" }).toString();
  const forgeKey = forge.pki.privateKeyFromPem(key);
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.setRsaPublicKey(forgeKey.n, forgeKey.e);
  certificate.serialNumber = "01" + forge.util.bytesToHex(forge.random.getBytesSync(8));
  certificate.validity.notBefore = new Date(Date.now() + from * day);
  certificate.validity.notAfter = new Date(Date.now() + to * day);
  const subject = [{ name: "commonName", value: name }];
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.sign(forgeKey, forge.md.sha256.create());
  return { key, certificate: forge.pki.certificateToPem(certificate) };
}

/** A pair with an elliptic-curve key, which Entra does not take. */
export function ellipticPair(name: string): Pair {
  return inFolder((folder) => {
    const [key, certificate] = [join(folder, "key"), join(folder, "certificate")];
    openssl(
      "req",
      "-x509",
      "-newkey",
      "ec",
      "-pkeyopt",
      "ec_paramgen_curve:prime256v1",
      "-nodes",
      "-keyout",
      key,
      "-out",
      certificate,
      "-days",
      "30",
      "-subj",
      "/CN=" + name,
    );
    return { key: readFileSync(key, "utf8"), certificate: readFileSync(certificate, "utf8") };
  });
}

/** Packs PEM text as OpenSSL does; flags choose what goes in and how it is encrypted. */
export function pfx(pem: string, password: string, ...flags: string[]): Buffer {
  return inFolder((folder) => {
    const [from, to, secret] = [join(folder, "in.pem"), join(folder, "out.pfx"), join(folder, "password")];
    writeFileSync(from, pem);
    writeFileSync(secret, password + "\n");
    openssl("pkcs12", "-export", "-in", from, "-out", to, "-passout", "file:" + secret, ...flags);
    return readFileSync(to);
  });
}

/** A PFX with two keys, which no ordinary tool writes: the two key safes of two files under one MAC. */
export function twoKeys(first: Pair, second: Pair, password: string): Buffer {
  const asn1 = forge.asn1;
  const node = (type: forge.asn1.Type, value: forge.asn1.Asn1[] | string) =>
    asn1.create(asn1.Class.UNIVERSAL, type, typeof value !== "string", value);
  // A context-specific tag has a number of its own, which is none of the universal types.
  const tagged = (value: forge.asn1.Asn1) => asn1.create(asn1.Class.CONTEXT_SPECIFIC, asn1.Type.NONE, true, [value]);
  const oid = (name: string) => node(asn1.Type.OID, asn1.oidToDer(forge.pki.oids[name] ?? "").getBytes());
  const data = (content: string) => node(asn1.Type.SEQUENCE, [oid("data"), tagged(node(asn1.Type.OCTETSTRING, content))]);
  const keyBag = (pair: Pair) =>
    node(asn1.Type.SEQUENCE, [
      oid("keyBag"),
      tagged(forge.pki.wrapRsaPrivateKey(forge.pki.privateKeyToAsn1(forge.pki.privateKeyFromPem(pair.key)))),
    ]);
  const certificateBag = (pair: Pair) =>
    node(asn1.Type.SEQUENCE, [
      oid("certBag"),
      tagged(
        node(asn1.Type.SEQUENCE, [
          oid("x509Certificate"),
          tagged(
            node(asn1.Type.OCTETSTRING, asn1.toDer(forge.pki.certificateToAsn1(forge.pki.certificateFromPem(pair.certificate))).getBytes()),
          ),
        ]),
      ),
    ]);
  const safe = (...bags: forge.asn1.Asn1[]) => data(asn1.toDer(node(asn1.Type.SEQUENCE, bags)).getBytes());
  const safes = asn1
    .toDer(node(asn1.Type.SEQUENCE, [safe(certificateBag(first), certificateBag(second)), safe(keyBag(first), keyBag(second))]))
    .getBytes();
  const salt = forge.random.getBytesSync(8);
  const digest = forge.md.sha1.create();
  const macKey = (forge as unknown as { pkcs12: { generateKey: (...a: unknown[]) => forge.util.ByteBuffer } }).pkcs12.generateKey(
    password,
    forge.util.createBuffer(salt),
    3,
    2048,
    20,
    digest,
  );
  const mac = forge.hmac.create();
  mac.start("sha1", macKey);
  mac.update(safes);
  const macData = node(asn1.Type.SEQUENCE, [
    node(asn1.Type.SEQUENCE, [
      node(asn1.Type.SEQUENCE, [oid("sha1"), node(asn1.Type.NULL, "")]),
      node(asn1.Type.OCTETSTRING, mac.getMac().getBytes()),
    ]),
    node(asn1.Type.OCTETSTRING, salt),
    node(asn1.Type.INTEGER, asn1.integerToDer(2048).getBytes()),
  ]);
  const file = node(asn1.Type.SEQUENCE, [node(asn1.Type.INTEGER, asn1.integerToDer(3).getBytes()), data(safes), macData]);
  return Buffer.from(asn1.toDer(file).getBytes(), "binary");
}

function openssl(...args: string[]): void {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "evercred-certificate-"));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
