// Does what is in a folder follow from its plan, and is it what was recorded?
#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/masactl/offline/ceremony.h"
#include "services/masactl/offline/ceremony_plan.h"
#include "services/masactl/offline/certificates.h"
#include "services/masactl/offline/pem_files.h"
#include "services/signing/key_chain.h"
#include "services/status/macros.h"
#include "services/verification/boring_verifier.h"
#include "services/wire/x509_write.h"

namespace masa::masactl {
namespace {

class Checker {
 public:
  Checker(const CeremonyPlan& plan, const std::string& folder)
      : plan_(plan), folder_(folder) {}

  std::vector<std::string> Check(const std::string& root_sha256) {
    if (const absl::Status status = ReadRoot(root_sha256); !status.ok()) {
      Fault(status);  // nothing else can be believed
      return faults_;
    }
    if (const absl::Status status = ReadRecord(); !status.ok()) {
      Fault(status);
      return faults_;
    }
    CheckFacts();
    CheckInputs();
    CheckOutputs();
    CheckCertificate(plan_.ceremony.root(), true);
    for (const auto& signer : plan_.ceremony.signers()) {
      CheckCertificate(signer, false);
    }
    return faults_;
  }

 private:
  void Fault(const absl::Status& status) {
    if (!status.ok()) {
      faults_.emplace_back(status.message());
    }
  }
  void Fault(const std::string& what) { faults_.push_back(what); }

  absl::StatusOr<std::string> Read(const std::string& name) const {
    return ReadWhole((std::filesystem::path(folder_) / name).string());
  }

  absl::StatusOr<std::string> Certificate(const std::string& name) const {
    MASA_ASSIGN_OR_RETURN(const std::string pem, Read(name + ".pem"));
    const auto found = CertificatesIn(pem);
    return found.size() == 1 ? absl::StatusOr<std::string>(found.front())
                             : absl::InvalidArgumentError(absl::StrCat(
                                   name, ".pem holds not one certificate"));
  }

  absl::Status ReadRoot(const std::string& root_sha256) {
    const masa::v1::CertificatePlan& root = plan_.ceremony.root();
    MASA_ASSIGN_OR_RETURN(const std::string der, Certificate(root.name()));
    if (!root_sha256.empty() &&
        !absl::EqualsIgnoreCase(root_sha256, HexDigestOf(der))) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the root is not the one expected, but ", HexDigestOf(der)));
    }
    const auto spki = signing::SpkiOfChain({der});
    if (!spki.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(root.name(), ".pem is no certificate"));
    }
    MASA_ASSIGN_OR_RETURN(issuer_, IssuerOf(root, *spki));
    return absl::OkStatus();
  }

  absl::Status ReadRecord() {
    MASA_ASSIGN_OR_RETURN(const std::string text, Read(kRecordFile));
    MASA_ASSIGN_OR_RETURN(std::string base64, Read(kRecordSignatureFile));
    absl::StripAsciiWhitespace(&base64);
    std::string signature;
    if (!absl::Base64Unescape(base64, &signature) ||
        !IsSignedByRoot(text, signature)) {
      return absl::InvalidArgumentError(
          "the record is not the one that the root signed");
    }
    return google::protobuf::util::JsonStringToMessage(text, &record_).ok()
               ? absl::OkStatus()
               : absl::InvalidArgumentError("the record does not read");
  }

  bool IsSignedByRoot(const std::string& text,
                      const std::string& signature) const {
    return verification::BoringVerifier()
        .VerifySignature(issuer_.algorithm, issuer_.spki_der, text, signature)
        .ok();
  }

  void CheckFacts() {
    if (record_.name() != plan_.ceremony.name()) {
      Fault("the record is of another ceremony");
    }
    if (!MomentOf(record_.held_at()).ok()) {
      Fault("the record does not say when the ceremony was held");
    }
  }

  void CheckInputs() {
    std::set<std::string> recorded;
    for (const masa::v1::RecordedFile& input : record_.inputs()) {
      recorded.insert(input.file());
      const auto text =
          input.file() == plan_.file
              ? absl::StatusOr<std::string>(plan_.text)
              : ReadWhole((std::filesystem::path(plan_.folder) / input.file())
                              .string());
      if (!text.ok() || HexDigestOf(*text) != input.sha256()) {
        Fault(absl::StrCat("input ", input.file(),
                           " is not the one that was recorded"));
      }
    }
    if (!recorded.contains(plan_.file)) {
      Fault(absl::StrCat("the record does not name ", plan_.file));
    }
  }

  void CheckOutputs() {
    for (const masa::v1::RecordedFile& output : record_.outputs()) {
      recorded_.insert(output.file());
      const auto text = Read(output.file());
      if (!text.ok() && absl::EndsWith(output.file(), ".key")) {
        continue;  // keys are taken to where they are safe
      }
      if (!text.ok() || HexDigestOf(*text) != output.sha256()) {
        Fault(
            absl::StrCat(output.file(), " is not the file that was recorded"));
      }
    }
  }

  void CheckCertificate(const masa::v1::CertificatePlan& plan, bool is_root) {
    if (!recorded_.contains(plan.name() + ".pem")) {
      Fault(absl::StrCat("the record does not name ", plan.name(), ".pem"));
    }
    const auto der = Certificate(plan.name());
    const auto spki = der.ok() ? signing::SpkiOfChain({*der}) : der.status();
    const auto parts = der.ok() ? wire::PartsOfSigned(*der) : der.status();
    const auto tbs =
        spki.ok() ? EncodeTbs(plan, *spki, issuer_, is_root) : spki.status();
    if (!parts.ok() || !tbs.ok() || *tbs != parts->tbs_der) {
      Fault(absl::StrCat("certificate ", plan.name(),
                         " does not follow from the plan"));
    } else if (!IsSignedByRoot(*tbs, parts->signature)) {
      Fault(absl::StrCat("certificate ", plan.name(),
                         " is not signed by the root"));
    }
    if (!plan.request_file().empty()) {
      const auto asked = SpkiOfRequest(
          (std::filesystem::path(plan_.folder) / plan.request_file()).string());
      if (!asked.ok() || !spki.ok() || *asked != *spki) {
        Fault(absl::StrCat("certificate ", plan.name(),
                           " is not of the key that asked for it"));
      }
    }
  }

  const CeremonyPlan& plan_;
  const std::string& folder_;
  CertificateIssuer issuer_;
  masa::v1::CeremonyRecord record_;
  std::set<std::string> recorded_;  // outputs
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> CheckCeremony(const std::string& plan_file,
                                       const std::string& folder,
                                       const std::string& root_sha256) {
  const auto plan = ReadPlan(plan_file);
  if (!plan.ok()) {
    return {std::string(plan.status().message())};
  }
  return Checker(*plan, folder).Check(root_sha256);
}

}  // namespace masa::masactl
