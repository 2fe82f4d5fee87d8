#include "services/testing/sandbox_files.h"

#include <filesystem>
#include <optional>
#include <system_error>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/testing/files.h"
#include "services/testing/sandbox_catalog.h"
#include "services/testing/test_pki.h"

namespace masa::testing {
namespace {

constexpr absl::Duration kValidity = absl::Hours(24 * 3652);

// Names an identity's two files, below the data folder.
struct Place {
  std::string certificate;
  std::string key;
};

Place InSandbox(const std::string& name) {
  return {"sandbox/" + name + ".pem", "sandbox/" + name + ".key"};
}

Place InSecrets(const std::string& name) {
  return {"secrets/" + name + ".pem", "secrets/" + name + ".key"};
}

// A root whose certificate integrators get and whose key they do not.
Place PublicRoot(const std::string& name) {
  return {"sandbox/" + name + ".pem", "secrets/" + name + ".key"};
}

class Writer {
 public:
  Writer(const std::string& folder, absl::Time now)
      : folder_(folder), not_before_(now - absl::Hours(1)) {}

  absl::Status MakeFolders() const {
    for (const char* name : {"sandbox", "secrets"}) {
      std::error_code error;
      std::filesystem::create_directories(Path(name), error);
      if (error) {
        return absl::UnavailableError(
            absl::StrCat(Path(name), ": ", error.message()));
      }
    }
    std::error_code error;
    std::filesystem::permissions(Path("secrets"),
                                 std::filesystem::perms::owner_all, error);
    return absl::OkStatus();
  }

  // The identity at `place`, made when it is not there. `above` are issuers'
  // certificates that its PEM file holds as well, nearest first.
  absl::StatusOr<Identity> Ensure(const Place& place, CertificateSpec spec,
                                  const Identity* issuer,
                                  const std::vector<Identity>& above) const {
    const std::string certificate = Path(place.certificate);
    const std::string key = Path(place.key);
    if (FileExists(certificate)) {
      return ReadIdentity(certificate, key);
    }
    spec.not_before = not_before_;
    spec.not_after = not_before_ + kValidity;
    Identity identity;
    if (FileExists(key)) {
      MASA_ASSIGN_OR_RETURN(const std::string pem, ReadFile(key));
      MASA_ASSIGN_OR_RETURN(identity.key, ParseKeyPem(pem));
      identity = Reissue(identity, spec, issuer);
    } else {
      identity = MakeIdentity(spec, issuer);
      MASA_RETURN_IF_ERROR(
          WriteFile(key, identity.KeyPem(), FileMode::kSecret));
    }
    std::string pem = identity.CertificatePem();
    for (const Identity& one : above) {
      pem += one.CertificatePem();
    }
    MASA_RETURN_IF_ERROR(WriteFile(certificate, pem, FileMode::kPublic));
    return identity;
  }

  absl::StatusOr<Identity> EnsureRoot(const Place& place,
                                      const std::string& name) const {
    CertificateSpec spec;
    spec.common_name = name;
    spec.organization = "MASA sandbox";
    spec.is_ca = true;
    return Ensure(place, spec, nullptr, {});
  }

  std::string Path(const std::string& name) const {
    return folder_ + "/" + name;
  }

 private:
  const std::string folder_;
  const absl::Time not_before_;
};

CertificateSpec Leaf(const std::string& name,
                     const std::vector<std::string>& usages,
                     const std::vector<std::string>& alternative_names) {
  CertificateSpec spec;
  spec.common_name = name;
  spec.extended_key_usages = usages;
  spec.subject_alternative_names = alternative_names;
  return spec;
}

absl::Status EnsureServer(const Writer& writer) {
  MASA_ASSIGN_OR_RETURN(
      const Identity root,
      writer.EnsureRoot(PublicRoot("tls-root"), "Sandbox TLS root"));
  return writer
      .Ensure(
          InSecrets("server"),
          Leaf("masa.example", {kServerAuth},
               {"DNS:localhost", "DNS:masa.example", "DNS:cloud.masa.example",
                "DNS:est.masa.example", "IP:127.0.0.1"}),
          &root, {root})
      .status();
}

absl::Status EnsureVoucherKeys(const Writer& writer) {
  MASA_ASSIGN_OR_RETURN(
      const Identity root,
      writer.EnsureRoot(PublicRoot("voucher-root"), "Acme voucher root"));
  for (const char* name : {"voucher-p256", "voucher-nonceless"}) {
    MASA_RETURN_IF_ERROR(writer
                             .Ensure(InSecrets(name),
                                     Leaf(absl::StrCat("Acme ", name), {}, {}),
                                     &root, {root})
                             .status());
  }
  return absl::OkStatus();
}

// Apart from the vouchers' root: what devices trust must not sign histories,
// nor the other way round.
absl::Status EnsureOwnershipKey(const Writer& writer) {
  MASA_ASSIGN_OR_RETURN(
      const Identity root,
      writer.EnsureRoot(PublicRoot("ownership-root"), "Acme ownership root"));
  return writer
      .Ensure(InSecrets("ownership-p256"), Leaf("Acme ownership", {}, {}),
              &root, {root})
      .status();
}

// By itself: whoever reads the log knows this very key.
absl::Status EnsureAuditKey(const Writer& writer) {
  CertificateSpec spec = Leaf("Acme audit log", {}, {});
  spec.key = KeyKind::kEd25519;
  return writer
      .Ensure({"sandbox/audit-log.pem", "secrets/audit-ed25519.key"}, spec,
              nullptr, {})
      .status();
}

// The internal identities speak and answer with one certificate each.
absl::Status EnsureInternal(const Writer& writer) {
  MASA_ASSIGN_OR_RETURN(
      const Identity root,
      writer.EnsureRoot(InSecrets("internal-root"), "Sandbox internal root"));
  for (const char* role : {"edge", "authority", "signer"}) {
    const std::string name = absl::StrCat(role, ".masa.internal");
    MASA_RETURN_IF_ERROR(
        writer
            .Ensure(InSecrets(role),
                    Leaf(name, {kClientAuth, kServerAuth},
                         {"DNS:" + name, "DNS:localhost", "IP:127.0.0.1"}),
                    &root, {root})
            .status());
  }
  return absl::OkStatus();
}

absl::Status EnsureClients(const Writer& writer) {
  MASA_ASSIGN_OR_RETURN(
      const Identity root,
      writer.EnsureRoot(InSecrets("clients-root"), "Sandbox clients root"));
  const struct {
    const char* name;
    const char* uri;
  } clients[] = {
      {"operator", "URI:urn:masa:acme:operator:operator"},
      {"owner", "URI:urn:masa:acme:org-acme:owner"},
      {"stranger", "URI:urn:masa:acme:org-other:stranger"},
  };
  for (const auto& client : clients) {
    MASA_RETURN_IF_ERROR(
        writer
            .Ensure(InSandbox(client.name),
                    Leaf(client.name, {kClientAuth}, {client.uri}), &root, {})
            .status());
  }
  return absl::OkStatus();
}

// A factory line's client certificate: its key is on the profile's list.
absl::StatusOr<Identity> EnsureLine(const Writer& writer) {
  return writer.Ensure(InSandbox("line"),
                       Leaf("demo factory line", {kClientAuth}, {}), nullptr,
                       {});
}

absl::StatusOr<Identity> EnsureDevices(const Writer& writer) {
  MASA_ASSIGN_OR_RETURN(
      const Identity root,
      writer.EnsureRoot(PublicRoot("idevid-root"), "Acme IDevID root"));
  CertificateSpec ca;
  ca.common_name = "Acme IDevID CA";
  ca.is_ca = true;
  MASA_ASSIGN_OR_RETURN(const Identity issuer,
                        writer.Ensure(InSandbox("idevid-ca"), ca, &root, {}));
  // With the root, as the signer and cacerts want it.
  MASA_RETURN_IF_ERROR(WriteFile(
      writer.Path("secrets/idevid-chain.pem"),
      issuer.CertificatePem() + root.CertificatePem(), FileMode::kPublic));
  CertificateSpec pledge = Leaf("Acme demo device", {}, {});
  pledge.subject_serial_number = "DEMO-0001";
  pledge.masa_url = "masa.example";
  MASA_RETURN_IF_ERROR(
      writer.Ensure(InSandbox("pledge"), pledge, &issuer, {}).status());
  return issuer;
}

absl::StatusOr<Identity> EnsureDomain(const Writer& writer) {
  CertificateSpec spec;
  spec.common_name = "Demo customer domain CA";
  spec.is_ca = true;
  MASA_ASSIGN_OR_RETURN(
      const Identity domain,
      writer.Ensure(InSandbox("domain-ca"), spec, nullptr, {}));
  MASA_RETURN_IF_ERROR(
      writer
          .Ensure(InSandbox("registrar"),
                  Leaf("registrar.customer.example", {kCmcRa, kClientAuth},
                       {"DNS:registrar.customer.example"}),
                  &domain, {})
          .status());
  return domain;
}

}  // namespace

absl::Status WriteSandboxFiles(const std::string& folder, const Clock& clock,
                               const SandboxChoices& choices) {
  const Writer writer(folder, clock.Now());
  MASA_RETURN_IF_ERROR(writer.MakeFolders());
  MASA_RETURN_IF_ERROR(EnsureServer(writer));
  MASA_RETURN_IF_ERROR(EnsureVoucherKeys(writer));
  MASA_RETURN_IF_ERROR(EnsureOwnershipKey(writer));
  MASA_RETURN_IF_ERROR(EnsureAuditKey(writer));
  MASA_RETURN_IF_ERROR(EnsureInternal(writer));
  MASA_RETURN_IF_ERROR(EnsureClients(writer));
  MASA_ASSIGN_OR_RETURN(const Identity line, EnsureLine(writer));
  MASA_ASSIGN_OR_RETURN(const Identity idevid_ca, EnsureDevices(writer));
  MASA_ASSIGN_OR_RETURN(const Identity domain_ca, EnsureDomain(writer));
  // Written anew each time: a folder of an older version gets what is new.
  return WriteFile(writer.Path("secrets/catalog.yaml"),
                   SandboxCatalog({idevid_ca, domain_ca, line}, choices),
                   FileMode::kPublic);
}

}  // namespace masa::testing
