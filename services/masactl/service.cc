#include "services/masactl/service.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "google/protobuf/util/json_util.h"
#include "openssl/bio.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "openssl/pem.h"
#include "openssl/x509.h"
#include "services/config/yaml_reader.h"
#include "services/masactl/phrases.h"
#include "services/masactl/shown.h"
#include "services/rpc/channel.h"
#include "services/rpc/status_codec.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::masactl {
namespace {

absl::Status Missing(absl::string_view flag, absl::string_view variable) {
  return absl::InvalidArgumentError(
      absl::StrCat(flag, " or ", variable, " is needed"));
}

// gRPC takes what is no HOST:PORT for a name or a port that it then fails with,
// long afterwards.
absl::Status CheckServer(const std::string& server) {
  const absl::string_view address = absl::StripPrefix(server, "dns:///");
  const size_t colon = address.rfind(':');
  uint32_t port = 0;
  const bool is_good = colon != absl::string_view::npos && colon > 0 &&
                       absl::SimpleAtoi(address.substr(colon + 1), &port) &&
                       port > 0 && port <= 65535 &&
                       !absl::StrContains(address, '/');
  return is_good ? absl::OkStatus()
                 : absl::InvalidArgumentError(absl::StrCat(
                       "--server or MASA_SERVER is HOST:PORT, not ", server));
}

// Whether a connection was begun is all that the library's words tell apart.
absl::Status Unreachable(const std::string& words) {
  return Refuse(
      Reason::kStoreUnavailable,
      absl::StrContains(absl::AsciiStrToLower(words),
                        "certificate verify failed")
          ? absl::StrCat("--ca or MASA_CA does not lead to the service's "
                         "certificate, or that is not valid now: ",
                         words)
      : absl::StrContains(words, "Socket closed")
          ? absl::StrCat("the service ended the connection, most likely as it "
                         "does not take the certificate of --cert or "
                         "MASA_CERT: ",
                         words)
          : absl::StrCat("the service cannot be reached: ", words));
}

// One line; what it says is never repeated, not even when it is no token.
absl::StatusOr<std::string> ReadToken(const std::string& path) {
  constexpr size_t kLongest = 8192;  // of a call's metadata at the service
  MASA_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
  const std::string token(absl::StripAsciiWhitespace(text));
  if (token.empty() || token.size() > kLongest ||
      !std::all_of(token.begin(), token.end(),
                   [](unsigned char c) { return std::isgraph(c) != 0; })) {
    return absl::InvalidArgumentError(absl::StrCat(
        "not one token of at most ", kLongest, " octets on one line: ", path));
  }
  return token;
}

// gRPC says of a pair that is none that the service cannot be reached.
absl::Status CheckPair(const CommonOptions& options,
                       const rpc::ChannelOptions& channel) {
  const bssl::UniquePtr<BIO> chain(
      BIO_new_mem_buf(channel.chain_pem.data(), channel.chain_pem.size()));
  const bssl::UniquePtr<BIO> text(
      BIO_new_mem_buf(channel.key_pem.data(), channel.key_pem.size()));
  const bssl::UniquePtr<X509> certificate(
      PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
  const bssl::UniquePtr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(text.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("no PEM certificate: ", options.cert_file));
  }
  if (absl::StrContains(channel.key_pem, "ENCRYPTED")) {
    return absl::InvalidArgumentError(
        absl::StrCat("the key is encrypted, and is read without a passphrase: ",
                     options.key_file, "; openssl pkey makes it plain"));
  }
  if (!absl::StrContains(channel.key_pem, "PRIVATE KEY-----")) {
    return absl::InvalidArgumentError(
        absl::StrCat("no PEM private key: ", options.key_file));
  }
  const bssl::UniquePtr<EVP_PKEY> of(X509_get_pubkey(certificate.get()));
  // Of a kind that is not known here the handshake says more.
  const bool differs =
      key != nullptr && of != nullptr && EVP_PKEY_cmp(key.get(), of.get()) != 1;
  ERR_clear_error();
  return differs
             ? absl::InvalidArgumentError(absl::StrCat(
                   "the key in ", options.key_file,
                   " is not that of the certificate in ", options.cert_file))
             : absl::OkStatus();
}

// It says the same of roots that are none.
absl::Status CheckRoots(const CommonOptions& options,
                        const rpc::ChannelOptions& channel) {
  const bssl::UniquePtr<BIO> text(
      BIO_new_mem_buf(channel.roots_pem.data(), channel.roots_pem.size()));
  const bssl::UniquePtr<X509> root(
      PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return root != nullptr
             ? absl::OkStatus()
             : absl::InvalidArgumentError(absl::StrCat(
                   "no PEM certificate in --ca or MASA_CA: ", options.ca_file));
}

}  // namespace

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::string text;
  if (!config::ReadFile(path, &text)) {
    return absl::InvalidArgumentError(
        absl::StrCat("the file cannot be read: ", path));
  }
  return text;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> Connect(
    const CommonOptions& options) {
  if (options.server.empty()) {
    return Missing("--server HOST:PORT", "MASA_SERVER");
  }
  MASA_RETURN_IF_ERROR(CheckServer(options.server));
  if (options.ca_file.empty()) {
    return Missing("--ca FILE", "MASA_CA");
  }
  const bool certified =
      !options.cert_file.empty() || !options.key_file.empty();
  if (certified || options.token_file.empty()) {
    if (options.cert_file.empty() || options.key_file.empty()) {
      return Missing("--cert and --key FILE, or --token-file FILE,",
                     "MASA_CERT and MASA_KEY");
    }
  }
  rpc::ChannelOptions channel;
  channel.target = options.server;
  channel.server_name = options.server_name;
  MASA_ASSIGN_OR_RETURN(channel.roots_pem, ReadText(options.ca_file));
  if (certified) {
    MASA_ASSIGN_OR_RETURN(channel.chain_pem, ReadText(options.cert_file));
    MASA_ASSIGN_OR_RETURN(channel.key_pem, ReadText(options.key_file));
    MASA_RETURN_IF_ERROR(CheckPair(options, channel));
  }
  if (!options.token_file.empty()) {
    MASA_ASSIGN_OR_RETURN(channel.bearer_token, ReadToken(options.token_file));
  }
  MASA_RETURN_IF_ERROR(CheckRoots(options, channel));
  return rpc::MakeChannel(channel);
}

void Prepare(grpc::ClientContext* call, absl::Duration takes) {
  call->set_deadline(absl::ToChronoTime(absl::Now() + takes));
}

absl::Status StatusOf(const grpc::Status& status) {
  if (status.error_code() == grpc::StatusCode::UNIMPLEMENTED &&
      status.error_details().empty()) {
    return absl::UnimplementedError(
        "this listener does not offer that call: `admin` wants --server of a "
        "process's admin.rpc, all else that of the service's api");
  }
  const absl::Status ours =
      rpc::FromGrpc(status, Unreachable(status.error_message()));
  if (ours.ok()) {
    return ours;
  }
  const Reason reason = ReasonOf(ours);
  return absl::Status(
      ours.code(), reason == Reason::kStoreUnavailable &&
                           status.error_code() == grpc::StatusCode::UNAVAILABLE
                       ? Shown(ours.message())
                       : absl::StrCat(InfoOf(reason).name, ": ",
                                      WithOptions(Shown(ours.message()))));
}

absl::StatusOr<std::string> OctetsOfHex(const char* what,
                                        const std::string& hex) {
  if (hex.size() % 2 != 0 ||
      !std::all_of(hex.begin(), hex.end(),
                   [](unsigned char c) { return std::isxdigit(c) != 0; })) {
    return absl::InvalidArgumentError(
        absl::StrCat(what, " is not hexadecimal"));
  }
  return absl::HexStringToBytes(hex);
}

absl::StatusOr<masa::v1::DeviceKey> KeyOf(const CommonOptions& options,
                                          const std::string& serial) {
  masa::v1::DeviceKey key;
  key.set_serial_number(serial);
  MASA_ASSIGN_OR_RETURN(
      *key.mutable_idevid_issuer_ski(),
      OctetsOfHex("--idevid-issuer", options.idevid_issuer_hex));
  return key;
}

std::vector<std::string> EachOnce(const std::vector<std::string>& names) {
  std::vector<std::string> once;
  std::set<std::string> known;
  for (const std::string& name : names) {
    if (known.insert(name).second) {
      once.push_back(name);
    }
  }
  return once;
}

std::string JsonOf(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  std::string json;
  // A message in memory always prints.
  (void)google::protobuf::util::MessageToJsonString(message, &json, options);
  return json;
}

absl::StatusOr<std::string> ReadCertificate(const std::string& path) {
  MASA_ASSIGN_OR_RETURN(const std::string text, ReadText(path));
  bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(text.data(), text.size()));
  bssl::UniquePtr<X509> certificate(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate == nullptr) {
    const auto* octets = reinterpret_cast<const uint8_t*>(text.data());
    certificate.reset(d2i_X509(nullptr, &octets, text.size()));
  }
  if (certificate == nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("neither a PEM nor a DER certificate: ", path));
  }
  uint8_t* der = nullptr;
  const int length = i2d_X509(certificate.get(), &der);
  std::string octets(reinterpret_cast<char*>(der), std::max(length, 0));
  OPENSSL_free(der);
  return octets;
}

}  // namespace masa::masactl
