/** Verification in the browser: RFC 9162 §2.1.3.2 for the way to the root, RFC 7515 with Ed25519 for the signed head. */

export interface Proof {
  algorithm: string;
  leafHash: string;
  treeSize: string;
  hashes: string[];
  root: string;
  signedHead: string;
}
export type Finding = "held" | "refuted" | "incomputable";
export type Signature = "good" | "wrong" | "unchecked";

const bytes = (hex: string) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (from: ArrayBuffer) =>
  Array.from(new Uint8Array(from), (byte) => byte.toString(16).padStart(2, "0")).join("");
const decoded = (text: string) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));

async function node(left: string, right: string): Promise<string> {
  return hex(await crypto.subtle.digest("SHA-256", new Uint8Array([1, ...bytes(left), ...bytes(right)])));
}

/** Whether the tree of the signed head has this leaf at this place, counted from 0. */
export async function check(place: string, proof: Proof): Promise<Finding> {
  if (proof.algorithm !== "SHA-256" || !globalThis.crypto?.subtle) return "incomputable";
  let leaf = BigInt(place),
    last = BigInt(proof.treeSize) - 1n,
    root = proof.leafHash;
  if (leaf > last) return "refuted";
  for (const step of proof.hashes) {
    if (last === 0n) return "refuted";
    if (leaf & 1n || leaf === last) {
      root = await node(step, root);
      while (!(leaf & 1n) && leaf !== 0n) [leaf, last] = [leaf >> 1n, last >> 1n];
    } else root = await node(root, step);
    [leaf, last] = [leaf >> 1n, last >> 1n];
  }
  const head = JSON.parse(new TextDecoder().decode(decoded(proof.signedHead.split(".")[1] ?? ""))) as {
    root: string;
    size: number;
  };
  return last === 0n && root === proof.root && root === head.root && String(head.size) === proof.treeSize
    ? "held"
    : "refuted";
}

/** Whether the head is signed by the key that the hub's operator has handed out, given as PEM. */
export async function signature(signedHead: string, pem: string): Promise<Signature> {
  const written = pem.replace(/-----[^-]+-----|\s/g, "");
  if (!written || !globalThis.crypto?.subtle) return "unchecked";
  try {
    const key = await crypto.subtle.importKey("spki", decoded(written), "Ed25519", false, ["verify"]);
    const [header, payload, signed] = signedHead.split(".");
    const told = new TextEncoder().encode(`${header}.${payload}`);
    return (await crypto.subtle.verify("Ed25519", key, decoded(signed ?? ""), told)) ? "good" : "wrong";
  } catch {
    return "wrong";
  }
}
