# Sourced by quickstart: a token of SoftHSM with the sandbox's voucher keys, for
# --signer pkcs11. PINs go by the environment, never by a command line. The key
# files stay beside it: a sandbox is for trying.

softhsm_module=/usr/lib/softhsm/libsofthsm2.so

# token_tool WORD...: pkcs11-tool on the token `masa`.
token_tool() {
  MASA_PIN=$(cat "$data/secrets/hsm-pin") MASA_SO_PIN=$(cat "$data/secrets/hsm-so-pin") \
    pkcs11-tool --module "$softhsm_module" "$@" >>"$data/softhsm.log" 2>&1 9>&- ||
    fail "the SoftHSM token could not be made: $(tail -n 1 "$data/softhsm.log")"
}

# import_key NAME FILE: a PKCS#8 PEM key under its name.
import_key() {
  local der="$data/secrets/import.der"
  (umask 077 && openssl pkey -in "$2" -outform DER -out "$der")
  token_tool --token-label masa --login --pin env:MASA_PIN --sensitive \
    --write-object "$der" --type privkey --label "$1"
  rm -f "$der"
}

# Makes the token `masa`, once. True when it is new and has no key yet.
make_token() {
  export SOFTHSM2_CONF="$data/softhsm2.conf"
  mkdir -p "$data/softhsm"
  printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' \
    "$data/softhsm" >"$SOFTHSM2_CONF"
  [ ! -f "$data/secrets/hsm-ready" ] || return 1
  rm -rf "${data:?}/softhsm/"*
  (
    umask 077
    openssl rand -hex 8 >"$data/secrets/hsm-pin"
    openssl rand -hex 8 >"$data/secrets/hsm-so-pin"
  )
  token_tool --init-token --slot-index 0 --label masa --so-pin env:MASA_SO_PIN
  token_tool --token-label masa --init-pin --login --login-type so \
    --so-pin env:MASA_SO_PIN --pin env:MASA_PIN --new-pin env:MASA_PIN
}

# Debian's tools bring no Ed25519 key into a token, but they have it make one:
# the log's key is there alone, and its certificate says so.
make_log_key() {
  [ ! -f "$data/secrets/hsm-log-ready" ] || return 0
  token_tool --token-label masa --login --pin env:MASA_PIN --keypairgen \
    --key-type EC:edwards25519 --label acme-audit
  token_tool --token-label masa --read-object --type pubkey --label acme-audit \
    --output-file "$data/secrets/audit-token.pub"
  openssl req -new -key "$data/secrets/audit-ed25519.key" \
    -subj "/CN=Acme audit log" -out "$data/secrets/audit-token.csr" 2>/dev/null &&
    openssl x509 -req -in "$data/secrets/audit-token.csr" \
      -force_pubkey "$data/secrets/audit-token.pub" \
      -CA "$data/sandbox/audit-log.pem" \
      -CAkey "$data/secrets/audit-ed25519.key" -set_serial 2 -days 3650 \
      -out "$data/sandbox/audit-log-token.pem" 2>>"$data/softhsm.log" ||
    fail "the log's key in the token has no certificate; see $data/softhsm.log"
  touch "$data/secrets/hsm-log-ready"
}

start_softhsm() {
  if make_token; then
    import_key acme-voucher "$data/secrets/voucher-p256.key"
    import_key acme-nonceless "$data/secrets/voucher-nonceless.key"
    import_key acme-ownership "$data/secrets/ownership-p256.key"
    touch "$data/secrets/hsm-ready"
  fi
  make_log_key  # a folder of an older version has none
  # A token of an older version gets what is new.
  [ -f "$data/secrets/hsm-idevid-ready" ] || {
    import_key acme-idevid "$data/sandbox/idevid-ca.key"
    touch "$data/secrets/hsm-idevid-ready"
  }
}
