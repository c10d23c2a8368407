// An internal subtransaction. Code that means to go on after a server error runs the risky part in one:
//
//     const Spi spi;
//     try {
//         Subtransaction attempt;
//         ...
//         attempt.commit();
//     } catch (const pg::Error& error) {
//         if (error.is_cancel()) throw;
//         ...
//     }
//
// Without commit() the destructor rolls back. Memory context and resource owner are those of the
// caller, inside and afterwards. Spi, UserSwitch and SettingsScope objects made inside must end before
// commit(): the server would close them.
#pragma once

#include "pg/call.hpp"

namespace pgwright::pg {

class Subtransaction {
  public:
    Subtransaction();
    // Rolls back unless committed. When that itself fails, the session ends (FATAL): going on would
    // commit what must not be.
    ~Subtransaction();
    Subtransaction(const Subtransaction&) = delete;
    Subtransaction& operator=(const Subtransaction&) = delete;

    // Keeps the work; the outer transaction still decides. On an error the subtransaction is still
    // open and the destructor rolls it back.
    void commit();
    // Undoes the work now.
    void rollback();

  private:
    void leave() noexcept;

    ::MemoryContext context_;
    ResourceOwner owner_;
    int level_ = 0;  // nest level of the subtransaction; 0: it is over
};

}  // namespace pgwright::pg
