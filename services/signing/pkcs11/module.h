// A PKCS#11 module: a vendor's shared object, loaded into this process.
#ifndef SERVICES_SIGNING_PKCS11_MODULE_H_
#define SERVICES_SIGNING_PKCS11_MODULE_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "p11-kit-1/p11-kit/pkcs11.h"

namespace masa::signing {

// Thread-safe. Handles are of one life of the module: after Restart all are
// invalid, and so is every slot.
class Pkcs11Module {
 public:
  // Loads and initialises, with the operating system's locks. kMisconfigured,
  // naming the file, when it does not load or is no PKCS#11 module.
  static absl::StatusOr<std::unique_ptr<Pkcs11Module>> Load(
      const std::string& path);
  ~Pkcs11Module();
  Pkcs11Module(const Pkcs11Module&) = delete;
  Pkcs11Module& operator=(const Pkcs11Module&) = delete;

  // Held during each call: no restart meanwhile.
  class Call {
   public:
    explicit Call(Pkcs11Module& module)
        : lock_(module.restarting_), functions_(module.functions_) {}
    CK_FUNCTION_LIST* operator->() const { return functions_; }

   private:
    const std::shared_lock<std::shared_timed_mutex> lock_;
    CK_FUNCTION_LIST* const functions_;
  };

  // "SoftHSM (2.6)", by the module's own word.
  std::string Describe();

  // The slot whose token has this label; CKR_TOKEN_NOT_PRESENT when none has.
  // Where a restart failed, what it was told, which is the cause, instead of
  // that the module is not initialised.
  CK_RV FindSlot(const std::string& token_label, CK_SLOT_ID* slot);

  // Ends and begins the module anew, for one whose daemon went away: many
  // clients never find it again otherwise. Does nothing when a call hangs.
  void Restart();

 private:
  explicit Pkcs11Module(CK_FUNCTION_LIST* functions) : functions_(functions) {}

  CK_RV Initialize();
  CK_RV ReadSlots(const std::string& token_label, CK_SLOT_ID* slot);

  CK_FUNCTION_LIST* const functions_;
  std::atomic<CK_RV> restarted_{CKR_OK};  // what C_Initialize last said
  std::shared_timed_mutex restarting_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_MODULE_H_
