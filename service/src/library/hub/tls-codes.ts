const code =
  /^(CERT_|CRL_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH_EXCEEDED|EPROTO$)/;

/** Whether a code of Node's is about certificates or the TLS handshake. */
export function isTlsCode(text: string): boolean {
  return code.test(text);
}

/** What is wrong, as far as the next step differs. */
export function tlsReason(text: string): "expired" | "other-name" | "untrusted" | "no-tls" {
  if (text === "CERT_HAS_EXPIRED" || text === "CERT_NOT_YET_VALID") return "expired";
  if (text === "ERR_TLS_CERT_ALTNAME_INVALID" || text === "HOSTNAME_MISMATCH") return "other-name";
  return /^(ERR_SSL_|EPROTO$)/.test(text) ? "no-tls" : "untrusted";
}
