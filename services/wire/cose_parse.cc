#include <algorithm>
#include <numeric>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/cbor.h"
#include "services/wire/cose.h"
#include "services/wire/cose_labels.h"
#include "services/wire/ecdsa_numbers.h"

namespace masa::wire {
namespace {

using Kind = CborItem::Kind;

constexpr size_t kMaxArtifactOctets = 64 * 1024;
constexpr size_t kMaxCertificates = 16;

absl::Status Malformed(absl::string_view what) {
  return Refuse(Reason::kMalformed, what);
}

struct Sign1 {
  std::string protected_octets;
  CborItem protected_header;
  CborItem unprotected_header;
  std::string payload;
  std::string signature;
};

absl::StatusOr<Sign1> ReadSign1(absl::string_view octets) {
  MASA_ASSIGN_OR_RETURN(CborItem item, ReadCbor(octets));
  if (item.Is(Kind::kTag) && item.number == kCoseSign1Tag) {
    CborItem inner = std::move(item.items.front());
    item = std::move(inner);
  }
  if (!item.Is(Kind::kArray) || item.items.size() != 4 ||
      !item.items[0].Is(Kind::kOctets) || !item.items[1].Is(Kind::kMap) ||
      !item.items[2].Is(Kind::kOctets) || !item.items[3].Is(Kind::kOctets)) {
    return Malformed("not a COSE_Sign1 with its payload");
  }
  Sign1 read;
  read.protected_octets = item.items[0].octets;
  if (read.protected_octets.empty()) {  // RFC 9052 section 3: an empty map
    read.protected_header.kind = Kind::kMap;
  } else {
    MASA_ASSIGN_OR_RETURN(read.protected_header,
                          ReadCbor(read.protected_octets));
  }
  if (!read.protected_header.Is(Kind::kMap)) {
    return Malformed("the protected header is no map");
  }
  read.unprotected_header = std::move(item.items[1]);
  read.payload = std::move(item.items[2].octets);
  read.signature = std::move(item.items[3].octets);
  return read;
}

// Of the protected header alone (CO-11).
absl::StatusOr<const CoseAlgorithm*> AlgorithmOf(const Sign1& read) {
  const CborItem* alg = read.protected_header.Under(kCoseAlg);
  for (const CoseAlgorithm& known : kCoseAlgorithms) {
    if (alg != nullptr && alg->Is(Kind::kNegative) &&
        alg->number == static_cast<uint64_t>(-1 - known.number)) {
      return &known;
    }
  }
  return Refuse(Reason::kNotSigned,
                "the protected header names no signature algorithm that is "
                "accepted here");
}

// RFC 9360 section 2: one certificate bare, several in an array (CO-06).
absl::Status AddCertificates(const CborItem* header,
                             std::vector<Certificate>* certificates) {
  if (header == nullptr) {
    return absl::OkStatus();
  }
  const bool bare = header->Is(Kind::kOctets);
  if (!bare && !header->Is(Kind::kArray)) {
    return Malformed("x5bag or x5chain holds no certificates");
  }
  const size_t count = bare ? 1 : header->items.size();
  for (size_t i = 0; i < count; ++i) {
    const CborItem& one = bare ? *header : header->items[i];
    auto parsed = one.Is(Kind::kOctets) ? Certificate::Parse(one.octets)
                                        : Malformed("not octets");
    if (!parsed.ok()) {
      return Malformed("an entry of x5bag or x5chain is no certificate");
    }
    const auto known = std::find_if(
        certificates->begin(), certificates->end(),
        [&](const Certificate& other) { return other->der == one.octets; });
    if (known == certificates->end()) {
      certificates->push_back(*std::move(parsed));
    }
  }
  return certificates->size() <= kMaxCertificates
             ? absl::OkStatus()
             : Malformed("more than 16 certificates are enclosed");
}

std::string SigStructure(const Sign1& read) {
  std::string octets;
  AppendCborArrayHead(4, &octets);
  AppendCborText(kCoseContext, &octets);
  AppendCborOctets(read.protected_octets, &octets);
  AppendCborOctets("", &octets);  // external_aad
  AppendCborOctets(read.payload, &octets);
  return octets;
}

absl::StatusOr<SignerInfo> ReadSigner(const Sign1& read) {
  MASA_ASSIGN_OR_RETURN(const CoseAlgorithm* algorithm, AlgorithmOf(read));
  if (read.protected_header.Under(kCoseCrit) != nullptr) {
    return Refuse(Reason::kSignatureInvalid,
                  "the protected header has critical extensions");
  }
  if (algorithm->octets != 0 && read.signature.size() != algorithm->octets) {
    return Refuse(Reason::kSignatureInvalid,
                  "the signature is not of its algorithm's length");
  }
  SignerInfo signer;
  signer.algorithm = algorithm->algorithm;
  signer.signature = read.signature;
  if (algorithm->is_ecdsa) {
    signer.signature = EcdsaDerOfNumbers(read.signature);
  }
  signer.signed_octets = SigStructure(read);
  return signer;
}

}  // namespace

absl::StatusOr<SignedArtifact> ParseCose(absl::string_view octets) {
  if (octets.size() > kMaxArtifactOctets) {
    return Malformed("the artifact is larger than 64 KiB");
  }
  MASA_ASSIGN_OR_RETURN(Sign1 read, ReadSign1(octets));
  SignedArtifact artifact;
  artifact.format = masa::v1::FORMAT_COSE_CBOR;
  for (const CborItem* header :
       {&read.protected_header, &read.unprotected_header}) {
    for (const int64_t label : {kCoseX5Chain, kCoseX5Bag}) {
      MASA_RETURN_IF_ERROR(
          AddCertificates(header->Under(label), &artifact.certificates));
    }
  }
  MASA_ASSIGN_OR_RETURN(SignerInfo signer, ReadSigner(read));
  artifact.payload = std::move(read.payload);
  // A bag says nothing of whose certificate is where (PV-04).
  std::vector<int> all(artifact.certificates.size());
  std::iota(all.begin(), all.end(), 0);
  SetCandidates(std::move(all), artifact.certificates, &signer);
  artifact.signers.push_back(std::move(signer));
  return artifact;
}

}  // namespace masa::wire
