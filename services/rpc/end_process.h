// The end of a program that used gRPC.
#ifndef SERVICES_RPC_END_PROCESS_H_
#define SERVICES_RPC_END_PROCESS_H_

namespace masa::rpc {

// Flushes what was printed and ends the process with `code`, without what a
// return from main does beside that: gRPC's threads go on for up to minutes
// when the last channel is gone, and those that look up a name or connect would
// use what OpenSSL frees then. With AddressSanitizer it looks for leaks first.
[[noreturn]] void EndProcess(int code);

}  // namespace masa::rpc

#endif  // SERVICES_RPC_END_PROCESS_H_
