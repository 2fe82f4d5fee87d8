#include "services/masactl/offline/ceremony.h"

#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/evp.h"
#include "openssl/sha.h"
#include "services/masactl/offline/ceremony_plan.h"
#include "services/masactl/offline/certificates.h"
#include "services/masactl/offline/pem_files.h"
#include "services/signing/private_key.h"
#include "services/status/macros.h"
#include "services/wire/x509_write.h"

namespace masa::masactl {
namespace {

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

// Of this program; empty when its file is gone.
std::string DigestOfThisProgram() {
  std::ifstream program("/proc/self/exe", std::ios::binary);
  SHA256_CTX context;
  SHA256_Init(&context);
  char part[65536];
  while (program.read(part, sizeof(part)) || program.gcount() > 0) {
    SHA256_Update(&context, part, static_cast<size_t>(program.gcount()));
  }
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256_Final(reinterpret_cast<uint8_t*>(hash.data()), &context);
  return absl::BytesToHexString(hash);
}

// What is done, and what is written of it.
class Ceremonial {
 public:
  Ceremonial(const CeremonyOrder& order, const CeremonyPlan& plan)
      : order_(order), plan_(plan) {
    record_.set_name(plan.ceremony.name());
    *record_.mutable_present() = plan.ceremony.present();
    record_.set_tool_sha256(DigestOfThisProgram());
    Add(record_.mutable_inputs(), plan.file, plan.text);
  }

  absl::StatusOr<masa::v1::CeremonyRecord> Hold() {
    MASA_RETURN_IF_ERROR(SetTime());
    MASA_RETURN_IF_ERROR(MakeRoot());
    for (const masa::v1::CertificatePlan& signer : plan_.ceremony.signers()) {
      MASA_RETURN_IF_ERROR(MakeSigner(signer));
    }
    MASA_RETURN_IF_ERROR(WriteRecord());
    return record_;
  }

 private:
  using Files = google::protobuf::RepeatedPtrField<masa::v1::RecordedFile>;

  static void Add(Files* files, const std::string& name,
                  const std::string& text) {
    masa::v1::RecordedFile* file = files->Add();
    file->set_file(name);
    file->set_sha256(HexDigestOf(text));
  }
  std::string PathOf(const std::string& name) const {
    return (std::filesystem::path(order_.folder) / name).string();
  }
  void Say(const std::string& step) { record_.add_steps(step); }

  absl::Status SetTime() {
    const std::string& held =
        order_.held_at.empty() ? plan_.ceremony.held_at() : order_.held_at;
    MASA_RETURN_IF_ERROR(MomentOf(held).status());
    record_.set_held_at(held);
    return absl::OkStatus();
  }

  absl::Status Write(const std::string& name, const std::string& text) {
    MASA_RETURN_IF_ERROR(WriteText(PathOf(name), text));
    Add(record_.mutable_outputs(), name, text);
    return absl::OkStatus();
  }

  // The key that is in the folder, or a new one.
  absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> KeyFor(
      const masa::v1::CertificatePlan& plan) {
    const std::string name = plan.name() + ".key";
    MASA_ASSIGN_OR_RETURN(const SignatureAlgorithm algorithm,
                          AlgorithmNamed(plan.algorithm()));
    if (!std::filesystem::exists(PathOf(name))) {
      MASA_ASSIGN_OR_RETURN(auto key, signing::MakePrivateKey(algorithm));
      MASA_RETURN_IF_ERROR(
          Write(name, signing::PrivateKeyPem(key.get(), order_.passphrase)));
      Say(absl::StrCat("made key ", name));
      return key;
    }
    MASA_ASSIGN_OR_RETURN(const std::string pem, ReadWhole(PathOf(name)));
    auto key = signing::ReadPrivateKeyPem(pem, order_.passphrase);
    const auto its_own = key == nullptr ? absl::InvalidArgumentError("")
                                        : signing::AlgorithmOf(key.get());
    if (!its_own.ok() || *its_own != algorithm) {
      return Wrong(absl::StrCat(name,
                                " does not open with the passphrase, or "
                                "is of another algorithm"));
    }
    Add(record_.mutable_outputs(), name, pem);
    Say(absl::StrCat("found key ", name));
    return key;
  }

  // Certifies the key, signed by the root's.
  absl::StatusOr<std::string> Certify(const masa::v1::CertificatePlan& plan,
                                      const std::string& spki_der,
                                      bool is_root) {
    MASA_ASSIGN_OR_RETURN(const std::string tbs,
                          EncodeTbs(plan, spki_der, issuer_, is_root));
    MASA_ASSIGN_OR_RETURN(const std::string signature,
                          signing::SignWith(root_key_.get(), tbs));
    const std::string pem = PemOf(
        "CERTIFICATE", wire::SignedDer(tbs, issuer_.algorithm, signature));
    MASA_RETURN_IF_ERROR(Write(plan.name() + ".pem", pem));
    Say(absl::StrCat("certified ", plan.name(), ", ", plan.subject()));
    return pem;
  }

  absl::Status MakeRoot() {
    const masa::v1::CertificatePlan& root = plan_.ceremony.root();
    MASA_ASSIGN_OR_RETURN(root_key_, KeyFor(root));
    const std::string spki = signing::SpkiDerOf(root_key_.get());
    MASA_ASSIGN_OR_RETURN(issuer_, IssuerOf(root, spki));
    MASA_ASSIGN_OR_RETURN(root_pem_, Certify(root, spki, true));
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> SpkiFor(const masa::v1::CertificatePlan& signer) {
    if (signer.request_file().empty()) {
      MASA_ASSIGN_OR_RETURN(const auto key, KeyFor(signer));
      return signing::SpkiDerOf(key.get());
    }
    const std::string path =
        (std::filesystem::path(plan_.folder) / signer.request_file()).string();
    MASA_ASSIGN_OR_RETURN(const std::string text, ReadWhole(path));
    Add(record_.mutable_inputs(), signer.request_file(), text);
    Say(absl::StrCat("read request ", signer.request_file()));
    return SpkiOfRequest(path);
  }

  absl::Status MakeSigner(const masa::v1::CertificatePlan& signer) {
    MASA_ASSIGN_OR_RETURN(const std::string spki, SpkiFor(signer));
    MASA_ASSIGN_OR_RETURN(const std::string pem, Certify(signer, spki, false));
    return Write(signer.name() + "-chain.pem", pem + root_pem_);
  }

  absl::Status WriteRecord() {
    google::protobuf::util::JsonPrintOptions options;
    options.add_whitespace = true;
    options.preserve_proto_field_names = true;
    std::string text;
    if (!google::protobuf::util::MessageToJsonString(record_, &text, options)
             .ok()) {
      return Wrong("the record does not encode");
    }
    MASA_ASSIGN_OR_RETURN(const std::string signature,
                          signing::SignWith(root_key_.get(), text));
    MASA_RETURN_IF_ERROR(WriteText(PathOf(kRecordFile), text));
    return WriteText(PathOf(kRecordSignatureFile),
                     absl::Base64Escape(signature) + "\n");
  }

  const CeremonyOrder& order_;
  const CeremonyPlan& plan_;
  masa::v1::CeremonyRecord record_;
  bssl::UniquePtr<EVP_PKEY> root_key_;
  CertificateIssuer issuer_;
  std::string root_pem_;
};

}  // namespace

absl::StatusOr<masa::v1::CeremonyRecord> HoldCeremony(
    const CeremonyOrder& order) {
  MASA_ASSIGN_OR_RETURN(const CeremonyPlan plan, ReadPlan(order.plan_file));
  if (order.passphrase.empty()) {
    return Wrong("keys are kept encrypted: a passphrase is needed");
  }
  return Ceremonial(order, plan).Hold();
}

}  // namespace masa::masactl
