#include "services/rpc/tls_files.h"

#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"

namespace masa::rpc {
namespace {

namespace fs = std::filesystem;

// Valid now.
testing::CertificateSpec Spec() {
  testing::CertificateSpec spec;
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  return spec;
}

testing::Identity Authority(const std::string& name) {
  testing::CertificateSpec spec = Spec();
  spec.common_name = name;
  spec.is_ca = true;
  return testing::MakeIdentity(spec, nullptr);
}

testing::Identity Peer(const testing::Identity& issuer) {
  testing::CertificateSpec spec = Spec();
  spec.subject_alternative_names = {"DNS:localhost", "IP:127.0.0.1"};
  return testing::MakeIdentity(spec, &issuer);
}

// A folder of certificates as Kubernetes mounts them: a link that is moved to
// another folder, so that all files change at once.
class MountedFiles {
 public:
  explicit MountedFiles(const std::string& name)
      : folder_(fs::path(::testing::TempDir()) / name) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }

  void Mount(const testing::Identity& peer, const testing::Identity& root) {
    const fs::path version = folder_ / absl::StrCat("version-", ++versions_);
    fs::create_directory(version);
    Write(version / "chain.pem", peer.CertificatePem());
    Write(version / "key.pem", peer.KeyPem());
    Write(version / "roots.pem", root.CertificatePem());
    const fs::path link = folder_ / "next";
    fs::create_directory_symlink(version, link);
    fs::rename(link, folder_ / "now");
  }

  void Write(const fs::path& path, const std::string& text) {
    std::ofstream(path) << text;
  }
  fs::path now() const { return folder_ / "now"; }
  TlsFiles files() const {
    return {now() / "chain.pem", now() / "key.pem", now() / "roots.pem", 1};
  }

 private:
  const fs::path folder_;
  int versions_ = 0;
};

class TlsFilesTest : public ::testing::Test {
 protected:
  // Whether a new connection comes about, for a client of this authority that
  // trusts it alone.
  bool Connects(const testing::Identity& authority) {
    const testing::Identity client = Peer(authority);
    const auto channel = MakeChannel(
        {absl::StrCat("127.0.0.1:", server_->port()), "localhost",
         authority.CertificatePem(), client.CertificatePem(), client.KeyPem()});
    return IsReachable(*channel, absl::Seconds(1));
  }
  bool EventuallyConnects(const testing::Identity& authority) {
    const absl::Time end = absl::Now() + absl::Minutes(1);
    while (!Connects(authority)) {
      if (absl::Now() > end) {
        return false;
      }
    }
    return true;
  }

  std::unique_ptr<Server> server_;
};

TEST_F(TlsFilesTest, AListenerShowsARenewedCertificateWithoutRestart) {
  const testing::Identity old = Authority("old"), next = Authority("next");
  MountedFiles mounted("listener");
  mounted.Mount(Peer(old), old);
  ServerOptions options;
  options.listen = "127.0.0.1:0";
  options.files = mounted.files();
  auto server = Server::New(options, {});
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  EXPECT_TRUE(EventuallyConnects(old));
  EXPECT_FALSE(Connects(next));
  mounted.Mount(Peer(next), next);
  EXPECT_TRUE(EventuallyConnects(next));
  EXPECT_FALSE(Connects(old));
}

TEST_F(TlsFilesTest, AChannelShowsARenewedCertificateWithoutRestart) {
  const testing::Identity old = Authority("old"), next = Authority("next");
  const testing::Identity server_identity = Peer(next);
  MountedFiles mounted("channel");
  mounted.Mount(Peer(old), next);
  auto server =
      Server::New({"127.0.0.1:0", server_identity.CertificatePem(),
                   server_identity.KeyPem(), next.CertificatePem(), false},
                  {});
  ASSERT_TRUE(server.ok()) << server.status();
  ChannelOptions options;
  options.target = absl::StrCat("127.0.0.1:", (*server)->port());
  options.server_name = "localhost";
  options.files = mounted.files();
  const auto channel = MakeChannel(options);
  EXPECT_FALSE(IsReachable(*channel, absl::Seconds(1)));
  mounted.Mount(Peer(next), next);
  EXPECT_TRUE(IsReachable(*channel, absl::Minutes(1)));
}

TEST_F(TlsFilesTest, SayWhatIsWrongWithThem) {
  const testing::Identity root = Authority("root");
  MountedFiles mounted("wrong");
  mounted.Mount(Peer(root), root);
  EXPECT_TRUE(CheckTlsFiles(mounted.files()).ok());
  const testing::Identity other = Peer(root);
  const struct {
    const char* file;
    std::string text;
    const char* says;
  } rows[] = {
      {"key.pem", other.KeyPem(), "key.pem is not the key of the certificate"},
      {"key.pem", "nonsense", "key.pem holds no private key in PEM"},
      {"chain.pem", "nonsense", "chain.pem holds no certificate in PEM"},
      {"roots.pem", "", "roots.pem holds no certificate in PEM"},
  };
  for (const auto& row : rows) {
    mounted.Mount(Peer(root), root);
    mounted.Write(mounted.now() / row.file, row.text);
    const absl::Status status = CheckTlsFiles(mounted.files());
    EXPECT_EQ(ReasonOf(status), Reason::kMisconfigured);
    EXPECT_NE(status.message().find(row.says), std::string::npos) << status;
  }
  mounted.Mount(Peer(root), root);
  fs::remove(mounted.now() / "key.pem");
  const absl::Status status = CheckTlsFiles(mounted.files());
  EXPECT_NE(status.message().find("key.pem cannot be read"), std::string::npos)
      << status;
}

}  // namespace
}  // namespace masa::rpc
