// Certificates that the tests make by openssl when they begin: nothing with a date of expiry is kept.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** A folder with an authority, and the certificates that it has signed. */
export class Certificates {
  readonly folder = mkdtempSync(join(tmpdir(), "wasyncio-certificates-"));
  /** Path of the authority's own certificate. */
  readonly authority = this.path("authority.pem");

  constructor() {
    const files = ["-keyout", this.path("authority.key"), "-out", this.authority];
    this.#openssl("req", "-x509", ...NEW_KEY, ...files, "-subj", "/CN=Test authority");
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  text(name: string): string {
    return readFileSync(this.path(name), "utf8");
  }

  /** Makes NAME.pem and NAME.key. Returns their paths. */
  make(name: string, alternatives: string, subject = `/C=DE/O=Tests/CN=${name}`): [certificate: string, key: string] {
    const [extensions, request] = [this.path(`${name}.ext`), this.path(`${name}.csr`)];
    writeFileSync(extensions, `subjectAltName=${alternatives}\nbasicConstraints=CA:FALSE\n`);
    this.#openssl("req", ...NEW_KEY, "-keyout", this.path(`${name}.key`), "-out", request, "-subj", subject);
    const signer = ["-CA", this.authority, "-CAkey", this.path("authority.key"), "-CAcreateserial"];
    this.#openssl("x509", "-req", "-in", request, ...signer, "-extfile", extensions, "-out", this.path(`${name}.pem`));
    return [this.path(`${name}.pem`), this.path(`${name}.key`)];
  }

  /** Makes NAME-locked.key: the key of NAME, behind a password. */
  lock(name: string, password: string): string {
    const locked = this.path(`${name}-locked.key`);
    this.#openssl("pkey", "-in", this.path(`${name}.key`), "-aes256", "-passout", `pass:${password}`, "-out", locked);
    return locked;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #openssl(...args: string[]): void {
    execFileSync("openssl", args, { stdio: "pipe" });
  }
}
