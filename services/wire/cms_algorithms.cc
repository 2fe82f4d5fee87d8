#include "services/wire/cms_algorithms.h"

#include <cstdint>

#include "openssl/sha.h"
#include "services/wire/der.h"

namespace masa::wire {
namespace {

struct DigestRow {
  Digest digest;
  absl::string_view oid;
};

constexpr DigestRow kDigests[] = {
    {Digest::kSha256, {"\x60\x86\x48\x01\x65\x03\x04\x02\x01", 9}},
    {Digest::kSha384, {"\x60\x86\x48\x01\x65\x03\x04\x02\x02", 9}},
    {Digest::kSha512, {"\x60\x86\x48\x01\x65\x03\x04\x02\x03", 9}},
};

constexpr absl::string_view kEcdsaSha256("\x2a\x86\x48\xce\x3d\x04\x03\x02", 8);
constexpr absl::string_view kEcdsaSha384("\x2a\x86\x48\xce\x3d\x04\x03\x03", 8);
constexpr absl::string_view kEcdsaSha512("\x2a\x86\x48\xce\x3d\x04\x03\x04", 8);
constexpr absl::string_view kEcPublicKey("\x2a\x86\x48\xce\x3d\x02\x01", 7);
constexpr absl::string_view kRsaEncryption(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01", 9);
constexpr absl::string_view kSha256WithRsa(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b", 9);
constexpr absl::string_view kSha384WithRsa(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c", 9);
constexpr absl::string_view kSha512WithRsa(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d", 9);
constexpr absl::string_view kEd25519("\x2b\x65\x70", 3);

struct SignatureRow {
  absl::string_view oid;
  Digest digest;
  SignatureAlgorithm algorithm;
};

// Peers write either the signature's name or only the key's (RFC 3370 section
// 3.2, and many for EC), which leaves the digest to digestAlgorithm.
constexpr SignatureRow kSignatures[] = {
    {kEcdsaSha256, Digest::kSha256, SignatureAlgorithm::kEcdsaSha256},
    {kEcdsaSha384, Digest::kSha384, SignatureAlgorithm::kEcdsaSha384},
    {kEcdsaSha512, Digest::kSha512, SignatureAlgorithm::kEcdsaSha512},
    {kEcPublicKey, Digest::kSha256, SignatureAlgorithm::kEcdsaSha256},
    {kEcPublicKey, Digest::kSha384, SignatureAlgorithm::kEcdsaSha384},
    {kEcPublicKey, Digest::kSha512, SignatureAlgorithm::kEcdsaSha512},
    {kRsaEncryption, Digest::kSha256, SignatureAlgorithm::kRsaPkcs1Sha256},
    {kRsaEncryption, Digest::kSha384, SignatureAlgorithm::kRsaPkcs1Sha384},
    {kRsaEncryption, Digest::kSha512, SignatureAlgorithm::kRsaPkcs1Sha512},
    {kSha256WithRsa, Digest::kSha256, SignatureAlgorithm::kRsaPkcs1Sha256},
    {kSha384WithRsa, Digest::kSha384, SignatureAlgorithm::kRsaPkcs1Sha384},
    {kSha512WithRsa, Digest::kSha512, SignatureAlgorithm::kRsaPkcs1Sha512},
    {kEd25519, Digest::kSha512, SignatureAlgorithm::kEd25519},
    {kEd25519, Digest::kSha256, SignatureAlgorithm::kEd25519},
};

}  // namespace

DigestValue DigestOf(Digest digest, absl::string_view octets) {
  const uint8_t* in = reinterpret_cast<const uint8_t*>(octets.data());
  DigestValue out;
  uint8_t* to = reinterpret_cast<uint8_t*>(out.octets);
  switch (digest) {
    case Digest::kSha256:
      SHA256(in, octets.size(), to);
      out.size = SHA256_DIGEST_LENGTH;
      break;
    case Digest::kSha384:
      SHA384(in, octets.size(), to);
      out.size = SHA384_DIGEST_LENGTH;
      break;
    case Digest::kSha512:
      SHA512(in, octets.size(), to);
      out.size = SHA512_DIGEST_LENGTH;
      break;
  }
  return out;
}

std::optional<Digest> DigestNamed(absl::string_view oid) {
  for (const DigestRow& row : kDigests) {
    if (row.oid == oid) {
      return row.digest;
    }
  }
  return std::nullopt;
}

std::optional<SignatureAlgorithm> SignatureNamed(absl::string_view oid,
                                                 Digest digest) {
  for (const SignatureRow& row : kSignatures) {
    if (row.oid == oid && row.digest == digest) {
      return row.algorithm;
    }
  }
  return std::nullopt;
}

Digest DigestFor(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kEcdsaP256Sha256:
    case SignatureAlgorithm::kEcdsaSha256:
    case SignatureAlgorithm::kRsaPkcs1Sha256:
      return Digest::kSha256;
    case SignatureAlgorithm::kEcdsaP384Sha384:
    case SignatureAlgorithm::kEcdsaSha384:
    case SignatureAlgorithm::kRsaPkcs1Sha384:
      return Digest::kSha384;
    case SignatureAlgorithm::kEcdsaSha512:
    case SignatureAlgorithm::kRsaPkcs1Sha512:
    case SignatureAlgorithm::kEd25519:  // RFC 8419 section 3.1
      break;
  }
  return Digest::kSha512;
}

std::string DigestAlgorithmDer(Digest digest) {
  for (const DigestRow& row : kDigests) {
    if (row.digest == digest) {
      return Element(kSequence, Element(kOid, row.oid));
    }
  }
  return "";
}

std::string SignatureAlgorithmDer(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kEcdsaP256Sha256:
    case SignatureAlgorithm::kEcdsaSha256:
      return Element(kSequence, Element(kOid, kEcdsaSha256));
    case SignatureAlgorithm::kEcdsaP384Sha384:
    case SignatureAlgorithm::kEcdsaSha384:
      return Element(kSequence, Element(kOid, kEcdsaSha384));
    case SignatureAlgorithm::kEcdsaSha512:
      return Element(kSequence, Element(kOid, kEcdsaSha512));
    case SignatureAlgorithm::kEd25519:
      return Element(kSequence, Element(kOid, kEd25519));
    case SignatureAlgorithm::kRsaPkcs1Sha256:
    case SignatureAlgorithm::kRsaPkcs1Sha384:
    case SignatureAlgorithm::kRsaPkcs1Sha512:
      break;
  }
  // RFC 5754 section 3.2: the parameters are NULL.
  return Element(kSequence,
                 Element(kOid, kRsaEncryption) + std::string("\x05\x00", 2));
}

}  // namespace masa::wire
