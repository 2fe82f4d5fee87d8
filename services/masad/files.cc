#include "services/masad/files.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/config/check_config.h"
#include "services/config/yaml_reader.h"
#include "services/rpc/memory_bound.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::masad {
namespace {

rpc::TlsFiles FilesOf(const Setup& setup, const masa::v1::TlsIdentity& identity,
                      const std::string& roots) {
  return {config::Below(setup.folder, identity.chain_file()),
          config::Below(setup.folder, identity.key_file()),
          config::Below(setup.folder, roots)};
}

}  // namespace

absl::StatusOr<std::string> TextOf(const Setup& setup,
                                   const std::string& name) {
  std::string text;
  if (!name.empty() &&
      !config::ReadFile(config::Below(setup.folder, name), &text)) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("the file cannot be read: ", name));
  }
  return text;
}

absl::StatusOr<std::string> UrlOf(const Setup& setup, const std::string& url,
                                  const std::string& url_file) {
  if (!url.empty()) {
    return url;
  }
  MASA_ASSIGN_OR_RETURN(std::string text, TextOf(setup, url_file));
  return std::string(absl::StripAsciiWhitespace(text));
}

absl::StatusOr<rpc::ServerOptions> ListenerOf(
    const Setup& setup, const masa::v1::GrpcListener& listener) {
  rpc::ServerOptions options;
  options.listen = listener.listen();
  options.reflection = listener.reflection();
  options.memory = rpc::ListenerMemory();
  options.calls = setup.served;
  options.files =
      FilesOf(setup, listener.identity(), listener.client_roots_file());
  MASA_RETURN_IF_ERROR(rpc::CheckTlsFiles(options.files));
  return options;
}

absl::StatusOr<rpc::ChannelOptions> ChannelOf(const Setup& setup,
                                              const masa::v1::Peer& peer) {
  rpc::ChannelOptions options;
  options.target = peer.target();
  options.server_name = peer.server_name();
  options.calls = setup.called;
  options.files = FilesOf(setup, peer.identity(), peer.roots_file());
  MASA_RETURN_IF_ERROR(rpc::CheckTlsFiles(options.files));
  return options;
}

}  // namespace masa::masad
