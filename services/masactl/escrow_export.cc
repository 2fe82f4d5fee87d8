// `masactl escrow export`: a voucher job's archive, and beside each voucher
// what proves it.
#include <cstdio>
#include <fstream>
#include <memory>
#include <sstream>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "openssl/bio.h"
#include "openssl/mem.h"
#include "openssl/pem.h"
#include "proto/masa/v1/audit.grpc.pb.h"
#include "proto/masa/v1/voucher_job.grpc.pb.h"
#include "services/masactl/escrow/bundle_check.h"
#include "services/masactl/escrow/verifier_text.h"
#include "services/masactl/escrow_commands.h"
#include "services/masactl/escrow_folder.h"
#include "services/masactl/history_pages.h"
#include "services/masactl/out_place.h"
#include "services/masactl/phrases.h"
#include "services/masactl/shown.h"
#include "services/masactl/tar_file.h"
#include "services/status/macros.h"
#include "services/verification/boring_verifier.h"
#include "services/wire/escrow_manifest.h"
#include "services/wire/tar_header.h"
#include "services/wire/uuid_text.h"
#include "services/wire/voucher_manifest.h"

namespace masa::masactl {
namespace {

using masa::v1::AuditService;
using masa::v1::GetEscrowManifestResponse;
using masa::v1::TransferService;
using masa::v1::VoucherJobService;

// What has just been done is in the log, and signed, within a few seconds.
constexpr int kMostTries = 60;
constexpr absl::Duration kPause = absl::Milliseconds(500);
// The service reads a line for each device before it signs.
constexpr absl::Duration kManifestTakes = absl::Minutes(10);

std::string PemOf(const GetEscrowManifestResponse& made) {
  bssl::UniquePtr<BIO> bio(BIO_new(BIO_s_mem()));
  for (const std::string& der : made.chain_der()) {
    PEM_write_bio(bio.get(), PEM_STRING_X509, "",
                  reinterpret_cast<const uint8_t*>(der.data()),
                  static_cast<long>(der.size()));
  }
  const uint8_t* octets = nullptr;
  size_t size = 0;
  BIO_mem_contents(bio.get(), &octets, &size);
  return std::string(reinterpret_cast<const char*>(octets), size);
}

// A job's archive, which was held against its manifest when it came.
class Archive {
 public:
  explicit Archive(const std::string& path)
      : path_(path), files_(path, std::ios::binary) {}
  Archive(const Archive&) = delete;
  Archive& operator=(const Archive&) = delete;
  ~Archive() { (void)std::remove(path_.c_str()); }

  // Whatever is called `name`, looked for from the file before on.
  absl::StatusOr<std::string> Find(const std::string& name) {
    std::string header(wire::kTarBlock, '\0');
    files_.clear();
    files_.seekg(at_);
    while (files_.read(header.data(), wire::kTarBlock)) {
      const auto entry = wire::ParseTarHeader(header);
      if (!entry) {
        break;
      }
      if (entry->name == name) {
        std::string octets(static_cast<size_t>(entry->octets), '\0');
        return files_.read(octets.data(), entry->octets)
                   ? absl::StatusOr<std::string>(std::move(octets))
                   : absl::DataLossError("the archive ends too early");
      }
      at_ += wire::TarSpan(entry->octets);
      files_.seekg(at_);
    }
    return absl::DataLossError(absl::StrCat("the archive has no ", name));
  }
  // From its first file on.
  void Rewind() { at_ = 0; }

 private:
  const std::string path_;
  std::ifstream files_;
  int64_t at_ = 0;
};

class Exporter {
 public:
  Exporter(const std::shared_ptr<grpc::Channel>& channel, Archive& archive,
           TarFile& bundle, bool names_refused, Terminal terminal)
      : audit_(AuditService::NewStub(channel)),
        transfers_(TransferService::NewStub(channel)),
        jobs_(VoucherJobService::NewStub(channel)),
        archive_(archive),
        bundle_(bundle),
        names_refused_(names_refused),
        terminal_(terminal) {}

  absl::Status Run(const std::string& job_id) {
    MASA_ASSIGN_OR_RETURN(const std::string devices,
                          archive_.Find(wire::kManifestName));
    archive_.Rewind();
    MASA_RETURN_IF_ERROR(AddManifest(job_id));
    MASA_RETURN_IF_ERROR(Add(wire::kEscrowVerifier, kVerifierText));
    MASA_RETURN_IF_ERROR(Add(wire::kEscrowDevices, devices));
    std::istringstream lines(devices);
    std::string line;
    std::getline(lines, line);  // the head
    while (std::getline(lines, line) && line != "]}") {
      if (!line.empty()) {
        MASA_ASSIGN_OR_RETURN(const auto entry, wire::ParseManifestEntry(line));
        MASA_RETURN_IF_ERROR(AddDevice(entry));
      }
    }
    if (terminal_.progress) {
      terminal_.err << '\n';
    }
    return bundle_.Finish();
  }

 private:
  absl::Status Add(const std::string& name, const std::string& content) {
    return bundle_.Add(name, content, absl::Now());
  }

  absl::Status AddManifest(const std::string& job_id) {
    masa::v1::GetEscrowManifestRequest request;
    request.set_job_id(job_id);
    grpc::ClientContext call;
    Prepare(&call, kManifestTakes);
    GetEscrowManifestResponse made;
    MASA_RETURN_IF_ERROR(
        StatusOf(jobs_->GetEscrowManifest(&call, request, &made)));
    MASA_RETURN_IF_ERROR(Add(wire::kEscrowManifest, made.manifest()));
    MASA_RETURN_IF_ERROR(Add(wire::kEscrowSignature, made.signature()));
    return Add(wire::kEscrowChain, PemOf(made));
  }

  absl::Status AddDevice(const wire::ManifestEntry& entry) {
    if (!entry.reason.empty() && names_refused_) {
      terminal_.err << Shown(entry.serial_number) << ": " << entry.reason
                    << ": " << Shown(entry.message) << '\n';
    }
    if (!entry.reason.empty()) {
      return absl::OkStatus();
    }
    const std::string id = wire::UuidTextOf(entry.voucher_id);
    MASA_ASSIGN_OR_RETURN(const std::string voucher, archive_.Find(entry.file));
    MASA_RETURN_IF_ERROR(Add(entry.file, voucher));
    MASA_ASSIGN_OR_RETURN(const std::string receipt, ReceiptOf(id));
    MASA_RETURN_IF_ERROR(
        Add(absl::StrCat(wire::kEscrowReceipts, id, wire::kReceiptEnding),
            receipt));
    MASA_ASSIGN_OR_RETURN(const std::string history, HistoryOf(entry));
    MASA_RETURN_IF_ERROR(
        Add(absl::StrCat(wire::kEscrowHistories, id, wire::kHistoryEnding),
            history));
    if (terminal_.progress && ++done_ % 100 == 0) {
      terminal_.err << "\r\033[K" << done_ << " devices are in the bundle"
                    << std::flush;
    }
    return absl::OkStatus();
  }

  absl::StatusOr<std::string> ReceiptOf(const std::string& voucher_id) {
    masa::v1::GetInclusionProofRequest request;
    request.set_voucher_id(voucher_id);
    for (int tries = 1;; ++tries) {
      grpc::ClientContext call;
      Prepare(&call);
      masa::v1::GetInclusionProofResponse proof;
      const absl::Status status =
          StatusOf(audit_->GetInclusionProof(&call, request, &proof));
      if (status.ok()) {
        return proof.receipt();
      }
      if (!absl::IsNotFound(status) || tries == kMostTries) {
        return status;
      }
      absl::SleepFor(kPause);
    }
  }

  absl::StatusOr<std::string> HistoryOf(const wire::ManifestEntry& entry) {
    masa::v1::DeviceKey key;
    key.set_serial_number(entry.serial_number);
    key.set_idevid_issuer_ski(entry.idevid_issuer.value_or(""));
    for (int tries = 1;; ++tries) {
      MASA_ASSIGN_OR_RETURN(const auto history, ReadHistory(*transfers_, key));
      bool is_signed = true;
      for (const masa::v1::OwnershipEntry& one : history.entries()) {
        is_signed = is_signed && one.has_root();
      }
      if (is_signed) {
        return JsonOf(history);
      }
      if (tries == kMostTries) {
        return absl::UnavailableError(absl::StrCat(
            "the history of ", entry.serial_number, " is not signed"));
      }
      absl::SleepFor(kPause);
    }
  }

  const std::unique_ptr<AuditService::Stub> audit_;
  const std::unique_ptr<TransferService::Stub> transfers_;
  const std::unique_ptr<VoucherJobService::Stub> jobs_;
  Archive& archive_;
  TarFile& bundle_;
  const bool names_refused_;
  Terminal terminal_;
  int64_t done_ = 0;
};

// The job that was named, or a new one; ended.
absl::StatusOr<std::string> EndedJob(const CommonOptions& options,
                                     const JobArguments& arguments,
                                     Terminal terminal) {
  JobArguments job = arguments;
  if (job.job_id.empty()) {
    MASA_ASSIGN_OR_RETURN(const auto begun, BeginJob(options, arguments));
    job.job_id = begun.job_id();
    terminal.err << "voucher job " << job.job_id << '\n';
  }
  std::ostringstream said;
  MASA_ASSIGN_OR_RETURN(
      const int status,
      WatchJob(options, job, {said, terminal.err, terminal.progress}));
  return status == 1 ? absl::StatusOr<std::string>(absl::NotFoundError(
                           "no device got a voucher:\n" + said.str()))
                     : job.job_id;
}

// Where the tar goes.
std::string OutOf(const EscrowArguments& arguments) {
  if (arguments.folder.empty()) {
    return arguments.job.out_file;
  }
  const std::string& organization = arguments.job.organization;
  return BundlePath(arguments.folder,
                    organization.empty() ? "own" : organization, absl::Now());
}

absl::Status PutInPlace(const EscrowArguments& arguments,
                        const std::string& part, const std::string& out) {
  if (!arguments.folder.empty()) {
    MASA_RETURN_IF_ERROR(WriteDigest(part, out));
  }
  if (std::rename(part.c_str(), out.c_str()) != 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file cannot be written: ", out));
  }
  const std::string& organization = arguments.job.organization;
  return KeepNewest(arguments.folder,
                    organization.empty() ? "own" : organization,
                    arguments.keep);
}

int Tell(const CommonOptions& options, const wire::EscrowManifest& manifest,
         const std::string& out, Terminal terminal) {
  if (options.json) {
    terminal.out << "{\"job_id\":\"" << wire::UuidTextOf(manifest.job_id)
                 << "\",\"vouchers\":" << manifest.issued
                 << ",\"refused\":" << manifest.refused << "}\n";
  } else {
    terminal.out << Counted(manifest.issued, "voucher is", "vouchers are")
                 << " in " << out << ", each with its receipt and its history; "
                 << Counted(manifest.refused, "device was", "devices were")
                 << " refused\n";
  }
  return manifest.refused == 0 ? 0 : 2;
}

}  // namespace

absl::StatusOr<int> ExportEscrow(const CommonOptions& options,
                                 const EscrowArguments& arguments,
                                 Terminal terminal) {
  JobArguments job = arguments.job;
  MASA_ASSIGN_OR_RETURN(const std::string out, PlaceOf(OutOf(arguments)));
  MASA_ASSIGN_OR_RETURN(job.job_id, EndedJob(options, arguments.job, terminal));
  job.out_file = absl::StrCat(out, ".vouchers");
  std::ostringstream said;
  MASA_RETURN_IF_ERROR(
      DownloadJob(options, job, {said, terminal.err, terminal.progress})
          .status());
  Archive archive(job.out_file);
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  // Beside its place until it was checked.
  const std::string part = absl::StrCat(out, ".part");
  MASA_ASSIGN_OR_RETURN(const auto bundle, TarFile::Create(part));
  MASA_RETURN_IF_ERROR(
      Exporter(channel, archive, *bundle, !arguments.allows_refused, terminal)
          .Run(job.job_id));
  const verification::BoringVerifier verifier;
  const auto checked = CheckBundle(part, {"", "", absl::Now()}, verifier,
                                   [](int64_t, int64_t) {});
  const absl::Status put =
      checked.ok() ? PutInPlace(arguments, part, out) : checked.status();
  if (!put.ok()) {
    (void)std::remove(part.c_str());
    return put;
  }
  const int status = Tell(options, checked->manifest, out, terminal);
  return arguments.allows_refused ? 0 : status;
}

}  // namespace masa::masactl
