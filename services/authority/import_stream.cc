#include "services/authority/import_stream.h"

#include <optional>
#include <utility>

#include "services/authority/convert.h"
#include "services/authority/device_calls.h"
#include "services/executor/mutex.h"
#include "services/rpc/item_faults.h"
#include "services/status/field_faults.h"

namespace masa::authority {
namespace {

using masa::v1::ImportDevicesRequest;
using masa::v1::ImportDevicesResponse;

// So many refused devices end a stream, so that its answer stays small; the
// client goes on in another.
constexpr int kMostErrors = 1000;

absl::Status Unexpected(absl::string_view what) {
  return RefuseFields(Reason::kInvalidArgument,
                      {{"message", std::string(what)}});
}

// The messages of one stream, one after the other: what each does. Not
// thread-safe.
class Import {
 public:
  Import(issuance::RegistryDesk& desk, rpc::ItemFaults& faults,
         ImportDevicesResponse* response)
      : desk_(desk), faults_(faults), response_(*response) {}

  // True when there is no more to do.
  absl::StatusOr<bool> Take(const RequestContext& context,
                            const identity::Principal& caller,
                            const ImportDevicesRequest& message) {
    if (!begun_ && message.has_header()) {
      return Begin(context, caller, message.header());
    }
    if (begun_ && message.has_chunk()) {
      return TakeChunk(context, caller, message.chunk());
    }
    if (begun_ && message.has_end()) {
      return End(context, caller, message.end());
    }
    return Unexpected(begun_ ? "is neither a chunk nor an end"
                             : "is no header, and it is the first");
  }

  // Of a stream that has ended: it had a header at least.
  absl::Status CheckBegan() const {
    return begun_ ? absl::OkStatus()
                  : Unexpected("is needed: a stream begins with a header");
  }

 private:
  void Note(const storage::ImportProgress& progress) {
    *response_.mutable_progress() = ProgressOf(progress);
  }

  absl::StatusOr<bool> Begin(const RequestContext& context,
                             const identity::Principal& caller,
                             const ImportDevicesRequest::Header& header) {
    import_id_ = header.import_id();
    MASA_ASSIGN_OR_RETURN(const auto on_conflict,
                          ConflictOf(header.on_conflict()));
    const auto progress =
        desk_.BeginImport(context, caller, import_id_, on_conflict);
    MASA_RETURN_IF_ERROR(AtImportId(progress.status(), "header.import_id"));
    begun_ = true;
    Note(*progress);
    return progress->complete;
  }

  absl::StatusOr<bool> TakeChunk(const RequestContext& context,
                                 const identity::Principal& caller,
                                 const ImportDevicesRequest::Chunk& message) {
    MASA_ASSIGN_OR_RETURN(ReadChunk read, ReadChunkOf(import_id_, message));
    const auto sequence = read.chunk.sequence;
    MASA_ASSIGN_OR_RETURN(
        const auto committed,
        desk_.ImportChunk(context, caller, std::move(read.chunk)));
    Note(committed.progress);
    for (masa::v1::ImportError& error : read.refused) {
      *response_.add_errors() = std::move(error);
    }
    for (size_t i = 0; i < committed.outcomes.size(); ++i) {
      if (!committed.outcomes[i].ok()) {
        faults_.See(committed.outcomes[i].status());
        *response_.add_errors() =
            ErrorOf(sequence, read.places[i], committed.outcomes[i].status());
      }
    }
    return response_.errors_size() >= kMostErrors;
  }

  absl::StatusOr<bool> End(const RequestContext& context,
                           const identity::Principal& caller,
                           const ImportDevicesRequest::End& end) {
    MASA_ASSIGN_OR_RETURN(const int64_t last,
                          SequenceOf("end.last_sequence", end.last_sequence()));
    MASA_ASSIGN_OR_RETURN(
        const auto progress,
        desk_.CompleteImport(context, caller, import_id_, last));
    Note(progress);
    return true;
  }

  issuance::RegistryDesk& desk_;
  rpc::ItemFaults& faults_;
  ImportDevicesResponse& response_;
  std::string import_id_;
  bool begun_ = false;
};

class ImportReactor final
    : public grpc::ServerReadReactor<ImportDevicesRequest> {
 public:
  ImportReactor(grpc::CallbackServerContext* context,
                const rpc::Serving& serving, issuance::RegistryDesk& desk,
                ImportDevicesResponse* response)
      : serving_(serving),
        shown_(rpc::CredentialsOf(*context, serving.gate)),
        context_(rpc::ContextOf(*context)),
        end_(context, serving.gate,
             masa::v1::DeviceService::service_full_name(), context_),
        faults_(serving.gate, masa::v1::DeviceService::service_full_name(),
                context_),
        import_(desk, faults_, response) {
    // A token is judged on the executor, since that may block.
    if (shown_.tokens.empty()) {
      const absl::Status admitted = Admit().status();
      if (!admitted.ok()) {
        Finish(end_.Tell(admitted));
        return;
      }
    }
    StartRead(&incoming_);
  }

  void OnReadDone(bool ok) override {
    MutexLock lock(mutex_);
    if (finished_) {
      return;
    }
    if (!ok) {
      // Half a stream, or a client that is gone: what was committed stays, and
      // is answered to those who still listen.
      ended_ = true;
      if (!busy_) {
        End(import_.CheckBegan());
      }
      return;
    }
    waiting_ = std::move(incoming_);
    if (!busy_) {
      TakeNext();
    }
  }

  void OnDone() override {
    // Whoever finished may be about to let go of it.
    { MutexLock lock(mutex_); }
    delete this;
  }

 private:
  // Hands the message that waits to the executor and reads another.
  void TakeNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    busy_ = true;
    current_ = *std::move(waiting_);
    waiting_.reset();
    if (!serving_.executor.TrySubmit([this] { TakeNow(); })) {
      End(Refuse(Reason::kOverloaded,
                 "the service has too much to do; go on with the import "
                 "later"));
    } else if (!ended_) {
      StartRead(&incoming_);
    }
  }

  absl::StatusOr<identity::Principal> Admit() const {
    return serving_.gate.Admit(masa::v1::DeviceService::service_full_name(),
                               shown_);
  }

  // A token may end before the stream does, so it is shown for each message.
  absl::StatusOr<bool> Take() {
    MASA_ASSIGN_OR_RETURN(const identity::Principal caller, Admit());
    return absl::Now() >= context_.deadline
               ? Refuse(Reason::kDeadlineExceeded,
                        "the call's deadline passed within the stream")
               : import_.Take(context_, caller, current_);
  }

  void TakeNow() {
    const absl::StatusOr<bool> done = Take();
    MutexLock lock(mutex_);
    busy_ = false;
    if (!done.ok() || *done) {
      End(done.status());
    } else if (waiting_) {
      TakeNext();
    } else if (ended_) {
      End(absl::OkStatus());
    }
  }

  // Once. gRPC calls OnDone on another thread, so this one keeps the mutex.
  void End(const absl::Status& status) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    finished_ = true;
    Finish(end_.Tell(status));
  }

  const rpc::Serving serving_;
  const rpc::Credentials shown_;
  const RequestContext context_;
  const rpc::CallEnd end_;
  rpc::ItemFaults faults_;
  // Touched by the executor alone, once the stream has begun.
  Import import_;
  ImportDevicesRequest current_;   // what the executor is at
  ImportDevicesRequest incoming_;  // what is read

  Mutex mutex_;
  std::optional<ImportDevicesRequest> waiting_ ABSL_GUARDED_BY(mutex_);
  bool busy_ ABSL_GUARDED_BY(mutex_) = false;   // the executor has a message
  bool ended_ ABSL_GUARDED_BY(mutex_) = false;  // nothing more to read
  bool finished_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace

grpc::ServerReadReactor<ImportDevicesRequest>* ServeImport(
    grpc::CallbackServerContext* context, const rpc::Serving& serving,
    issuance::RegistryDesk& desk, ImportDevicesResponse* response) {
  return new ImportReactor(context, serving, desk, response);
}

}  // namespace masa::authority
