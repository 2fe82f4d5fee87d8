// The files that a configuration names, read below its folder.
#ifndef SERVICES_MASAD_FILES_H_
#define SERVICES_MASAD_FILES_H_

#include <string>

#include "absl/status/statusor.h"
#include "proto/masa/v1/config.pb.h"
#include "services/observe/api_events.h"
#include "services/observe/call_events.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"

namespace masa::masad {

// A configuration with the folder that its paths are relative to, and who hears
// of gRPC calls: all outlive what is built, none where nobody does.
struct Setup {
  masa::v1::Config config;
  std::string folder;
  CallEvents* served = nullptr;
  CallEvents* called = nullptr;
  std::string file = {};  // that it was read from; empty: from none
  ApiEvents* api = nullptr;
};

// kMisconfigured, naming the file, when it cannot be read. An empty name is an
// empty text.
absl::StatusOr<std::string> TextOf(const Setup& setup, const std::string& name);

// `url` itself, or the first line of `url_file`.
absl::StatusOr<std::string> UrlOf(const Setup& setup, const std::string& url,
                                  const std::string& url_file);

absl::StatusOr<rpc::ServerOptions> ListenerOf(
    const Setup& setup, const masa::v1::GrpcListener& listener);
absl::StatusOr<rpc::ChannelOptions> ChannelOf(const Setup& setup,
                                              const masa::v1::Peer& peer);

}  // namespace masa::masad

#endif  // SERVICES_MASAD_FILES_H_
