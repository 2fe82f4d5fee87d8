#include "services/testing/sign_request.h"

#include <cbor.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/testing/cms_sign.h"
#include "services/testing/raw_sign.h"

namespace masa::testing {
namespace {

std::string Url(const std::string& octets) {
  return absl::WebSafeBase64Escape(octets);
}

// CBOR written head by head.
class Cbor {
 public:
  Cbor& Array(size_t items) { return Head(cbor_encode_array_start, items); }
  Cbor& Map(size_t pairs) { return Head(cbor_encode_map_start, pairs); }
  Cbor& Tag(uint64_t tag) { return Head(cbor_encode_tag, tag); }
  Cbor& Integer(int64_t value) {
    return value < 0 ? Head(cbor_encode_negint, -1 - value)
                     : Head(cbor_encode_uint, value);
  }
  Cbor& Octets(const std::string& octets) {
    Head(cbor_encode_bytestring_start, octets.size());
    out_ += octets;
    return *this;
  }
  Cbor& Text(const std::string& text) {
    Head(cbor_encode_string_start, text.size());
    out_ += text;
    return *this;
  }
  Cbor& Raw(const std::string& octets) {
    out_ += octets;
    return *this;
  }
  const std::string& str() const { return out_; }

 private:
  template <typename Write, typename Number>
  Cbor& Head(Write write, Number number) {
    unsigned char head[9];
    out_.append(reinterpret_cast<char*>(head),
                write(number, head, sizeof(head)));
    return *this;
  }
  std::string out_;
};

std::string BagOf(const CoseOptions& options, const Identity& signer) {
  const auto certificates =
      options.certificates_der.empty()
          ? std::vector<std::string>{signer.CertificateDer()}
          : options.certificates_der;
  Cbor bag;
  bag.Integer(options.as_chain ? 33 : 32);
  if (certificates.size() > 1) {
    bag.Array(certificates.size());
  }
  for (const std::string& der : certificates) {
    bag.Octets(der);
  }
  return bag.str();
}

}  // namespace

std::string SignJws(const std::string& payload, const Identity& signer,
                    const JwsOptions& options) {
  const auto certificates =
      options.certificates_der.empty()
          ? std::vector<std::string>{signer.CertificateDer()}
          : options.certificates_der;
  std::string header = absl::StrCat(
      "{\"alg\":\"", options.alg.value_or(AlgorithmOf(signer).jws_alg), "\"",
      options.more_header);
  if (options.enclose) {
    header += ",\"x5c\":[";
    for (const std::string& der : certificates) {
      absl::StrAppend(&header, header.back() == '[' ? "\"" : ",\"", Base64(der),
                      "\"");
    }
    header += "]";
  }
  header += "}";
  const std::string input = Url(header) + "." + Url(payload);
  std::string signature = SignRaw(input, signer).octets;
  if (options.break_signature) {
    signature.back() = static_cast<char>(signature.back() ^ 1);
  }
  return absl::StrCat("{\"payload\":\"", Url(payload),
                      "\",\"signatures\":[{\"protected\":\"", Url(header),
                      "\",\"signature\":\"", Url(signature), "\"}]}");
}

std::string SignCose(const std::string& payload, const Identity& signer,
                     const CoseOptions& options) {
  const std::string alg =
      Cbor().Integer(1).Integer(AlgorithmOf(signer).cose_alg).str();
  const std::string bag = options.enclose ? BagOf(options, signer) : "";
  const bool bag_protected = !bag.empty() && options.in_protected;
  const bool bag_unprotected = !bag.empty() && !options.in_protected;
  const std::string header =
      Cbor()
          .Map((options.alg_unprotected ? 0 : 1) + (bag_protected ? 1 : 0))
          .Raw(options.alg_unprotected ? "" : alg)
          .Raw(bag_protected ? bag : "")
          .str();
  const std::string to_sign = Cbor()
                                  .Array(4)
                                  .Text("Signature1")
                                  .Octets(header)
                                  .Octets("")
                                  .Octets(payload)
                                  .str();
  std::string signature = SignRaw(to_sign, signer).octets;
  if (options.break_signature) {
    signature.back() = static_cast<char>(signature.back() ^ 1);
  }
  Cbor artifact;
  if (options.tagged) {
    artifact.Tag(18);
  }
  return artifact.Array(4)
      .Octets(header)
      .Map((options.alg_unprotected ? 1 : 0) + (bag_unprotected ? 1 : 0))
      .Raw(options.alg_unprotected ? alg : "")
      .Raw(bag_unprotected ? bag : "")
      .Octets(payload)
      .Octets(signature)
      .str();
}

std::string SignRequest(Container container, const RequestLeaves& leaves,
                        const Identity& signer,
                        const std::vector<std::string>& certificates_der) {
  switch (container) {
    case Container::kCms: {
      CmsOptions options;
      options.certificates_der = certificates_der;
      return SignCms(RequestJson(leaves), signer, options);
    }
    case Container::kJws: {
      JwsOptions options;
      options.certificates_der = certificates_der;
      return SignJws(RequestJson(leaves), signer, options);
    }
    case Container::kCose: {
      CoseOptions options;
      options.certificates_der = certificates_der;
      options.enclose = !certificates_der.empty();
      return SignCose(RequestCbor(leaves), signer, options);
    }
  }
  return "";
}

std::string MediaType(Container container) {
  switch (container) {
    case Container::kCms:
      return "application/voucher-cms+json";
    case Container::kJws:
      return "application/voucher-jws+json";
    case Container::kCose:
      return "application/voucher+cose";
  }
  return "";
}

}  // namespace masa::testing
