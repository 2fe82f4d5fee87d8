# Sourced by quickstart: the configuration of one process with all roles.
# URLs go to files of mode 0600, since they may hold a password.

# Whose key says what is in the audit log, below the data folder.
log_certificate() {
  [ "$signer" = pkcs11 ] && echo sandbox/audit-log-token.pem ||
    echo sandbox/audit-log.pem
}

signer_config() {
  if [ "$signer" = pkcs11 ]; then
    cat <<CONFIG
signer:
  stopped_keys_file: secrets/stopped-keys
  pkcs11:
    module: $softhsm_module
    tokens:
      - {label: masa, pin_file: secrets/hsm-pin}
    keys:
      - name: acme-voucher
        tenant_id: acme
        chain_file: secrets/voucher-p256.pem
        kinds: [VOUCHER_CMS, VOUCHER_JWS, VOUCHER_COSE, TEST]
      - name: acme-nonceless
        tenant_id: acme
        chain_file: secrets/voucher-nonceless.pem
        kinds: [VOUCHER_CMS, VOUCHER_JWS, VOUCHER_COSE, TEST]
      - name: acme-ownership
        tenant_id: acme
        chain_file: secrets/ownership-p256.pem
        kinds: [OWNERSHIP_ROOT, MANIFEST]
      - name: acme-idevid
        tenant_id: acme
        chain_file: secrets/idevid-chain.pem
        kinds: [CERTIFICATE, CRL, OCSP_RESPONSE]
      - name: acme-audit
        chain_file: $(log_certificate)
        kinds: [CHECKPOINT]
CONFIG
    return
  fi
  cat <<'CONFIG'
signer:
  stopped_keys_file: secrets/stopped-keys
  key_folder: secrets/keys
  key_passphrase_file: secrets/key-passphrase
  local_keys:
    - name: acme-voucher
      tenant_id: acme
      key_file: secrets/voucher-p256.key
      chain_file: secrets/voucher-p256.pem
      kinds: [VOUCHER_CMS, VOUCHER_JWS, VOUCHER_COSE, TEST]
    - name: acme-nonceless
      tenant_id: acme
      key_file: secrets/voucher-nonceless.key
      chain_file: secrets/voucher-nonceless.pem
      kinds: [VOUCHER_CMS, VOUCHER_JWS, VOUCHER_COSE, TEST]
    - name: acme-ownership
      tenant_id: acme
      key_file: secrets/ownership-p256.key
      chain_file: secrets/ownership-p256.pem
      kinds: [OWNERSHIP_ROOT, MANIFEST]
    - name: acme-idevid
      tenant_id: acme
      key_file: sandbox/idevid-ca.key
      chain_file: secrets/idevid-chain.pem
      kinds: [CERTIFICATE, CRL, OCSP_RESPONSE]
    - name: acme-audit
      key_file: secrets/audit-ed25519.key
      chain_file: sandbox/audit-log.pem
      kinds: [CHECKPOINT]
CONFIG
}

audit_config() {
  mkdir -p "$data/audit-mirror"
  cat <<CONFIG
  audit:
    signing_key: acme-audit
    origin: masa.example/audit
    mirror_folder: audit-mirror
    certificate_file: $(log_certificate)
CONFIG
}

write_config() {
  (
    umask 077
    printf '%s' "$service_url" >"$data/secrets/service-url"
    printf '%s' "$migration_url" >"$data/secrets/migration-url"
  )
  touch "$data/secrets/stopped-keys"
  mkdir -p -m 700 "$data/secrets/keys"
  [ -e "$data/secrets/key-passphrase" ] || (
    umask 077
    head -c 24 /dev/urandom | base64 >"$data/secrets/key-passphrase"
  )
  cat >"$data/masad.yaml" <<CONFIG
edge:
  listen: 127.0.0.1:$port
  status_listen: 127.0.0.1:$((port + 3))
  certificates:
    - host_names: [localhost, 127.0.0.1, masa.example, est.masa.example, cloud.masa.example]
      identity:
        chain_file: secrets/server.pem
        key_file: secrets/server.key
${limits:+  source_limit: {requests_per_minute: 600, burst: 60\}
}authority:
  api:
    listen: 127.0.0.1:$((port + 1))
    identity:
      chain_file: secrets/server.pem
      key_file: secrets/server.key
    client_roots_file: secrets/clients-root.pem
    reflection: true
    allow:
      - {service: masa.v1.DeviceService, names: ["*"]}
      - {service: masa.v1.OwnershipService, names: ["*"]}
      - {service: masa.v1.VoucherService, names: ["*"]}
      - {service: masa.v1.AuditService, names: ["*"]}
      - {service: masa.v1.PolicyService, names: ["*"]}
      - {service: masa.v1.ApprovalService, names: ["*"]}
      - {service: masa.v1.OrganizationService, names: ["*"]}
      - {service: masa.v1.GroupService, names: ["*"]}
      - {service: masa.v1.AccessService, names: ["*"]}
      - {service: masa.v1.DomainCertService, names: ["*"]}
      - {service: masa.v1.TransferService, names: ["*"]}
      - {service: masa.v1.KeyAdminService, names: ["*"]}
      - {service: masa.v1.CertificateService, names: ["*"]}
      - {service: masa.v1.VoucherJobService, names: ["*"]}
      - {service: masa.v1.ReportService, names: ["*"]}
      - {service: google.longrunning.Operations, names: ["*"]}
      - {service: ovgs.v1.OwnershipVoucherService, names: ["*"]}
  ovgs: {enabled: true}
$(audit_config)
  callers:
    - {name: "urn:masa:acme:operator:operator", role: OPERATOR, tenant_id: acme}
    - {name: "urn:masa:acme:org-acme:owner", role: CUSTOMER, tenant_id: acme, organization_id: org-acme, username: owner}
    - {name: "urn:masa:acme:org-other:stranger", role: CUSTOMER, tenant_id: acme, organization_id: org-other, username: stranger}
$(signer_config)
storage:
  database_url_file: secrets/service-url
  migration_url_file: secrets/migration-url
  retention_url_file: secrets/migration-url
  service_role: "$service_role"
  max_connections: 16
admin:
  listen: 127.0.0.1:$((port + 2))
  rpc:
    listen: 127.0.0.1:0
    identity:
      chain_file: secrets/server.pem
      key_file: secrets/server.key
    client_roots_file: secrets/clients-root.pem
    allow:
      - {service: masa.v1.AdminService, names: ["urn:masa:acme:operator:operator"]}
log:
  level: info
CONFIG
}
