#include "load-tests/static_server.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>

namespace masa {

std::unique_ptr<StaticServer> StaticServer::Start(const std::string& program,
                                                  size_t octets) {
  const std::string size = std::to_string(octets);
  int said[2], life[2];
  if (pipe2(said, O_CLOEXEC) != 0 || pipe2(life, O_CLOEXEC) != 0) {
    return nullptr;
  }
  const pid_t pid = fork();
  if (pid == 0) {
    dup2(life[0], STDIN_FILENO);
    dup2(said[1], STDOUT_FILENO);
    execl(program.c_str(), program.c_str(), size.c_str(), nullptr);
    _exit(127);
  }
  close(said[1]);
  close(life[0]);
  char port[16] = {};
  const ssize_t length = read(said[0], port, sizeof(port) - 1);
  close(said[0]);
  std::unique_ptr<StaticServer> server(
      new StaticServer(pid, std::atoi(port), life[1]));
  return pid > 0 && length > 0 ? std::move(server) : nullptr;
}

StaticServer::~StaticServer() {
  close(life_);
  if (pid_ > 0) {
    waitpid(pid_, nullptr, 0);
  }
}

std::string StaticServer::Request() {
  return "GET /crl/static.crl HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

}  // namespace masa
