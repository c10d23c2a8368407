// Writing, and finding out which row the database has refused; see batch.hpp.
//
// The statement tells of one refused row and not which. So rows are halved until it is alone: refused rows
// cost a few statements each, others nothing.
#include "pg/spi.hpp"
#include "pg/subtransaction.hpp"

#include "transfer/batch.hpp"

namespace pgwright::transfer {

namespace {

using core::ImportRow;

// Why the database refused a row: what a row can be to blame for.
struct Refusal {
    std::string message;
    std::vector<core::Fault> faults;
};

bool blames_a_row(core::Code code) {
    return code == core::Code::validation_error || code == core::Code::conflict ||
           code == core::Code::permission_denied;
}

// The faults that an engine trigger put into its error's DETAIL.
std::vector<core::Fault> faults_in(const std::string& detail) {
    std::vector<core::Fault> faults;
    if (detail.empty()) return faults;
    const core::Json list = core::parse_json(detail);
    for (const core::Json& each : list.items()) {
        const core::Json* const field = each.find("field");
        const core::Json* const message = each.find("message");
        if (field != nullptr && message != nullptr)
            faults.push_back({field->text(), message->text()});
    }
    return faults;
}

// Errors of class PW come from the engine's triggers, P0 from other people's.
std::optional<Refusal> refusal_of(const pg::Error& error) {
    if (error.in_class("PW") && error.sqlstate() != MAKE_SQLSTATE('P', 'W', '5', '0', '0') &&
        error.sqlstate() != MAKE_SQLSTATE('P', 'W', '5', '0', '3'))
        return Refusal{error.message(), faults_in(error.fields().detail)};
    // Rows of one statement with the same key, as far as nobody has told them apart before.
    if (error.sqlstate() == ERRCODE_CARDINALITY_VIOLATION)
        return Refusal{"the key of this row is another's too", {}};
    if (error.in_class("P0") || error.in_class("23")) return Refusal{error.message(), {}};
    return std::nullopt;
}

// Why a row of an update changed nothing.
Refusal refusal_of(const Target& target, const Missing& missing) {
    if (!missing.seen) {
        Refusal refusal{"there is no record with this key", {}};
        for (const core::Field* const field : target.key->fields)
            refusal.faults.push_back({field->name, "no record has this key"});
        return refusal;
    }
    Refusal refusal{"permission denied: " + target.entity.resource + ":update", {}};
    for (std::size_t i = 0; i < target.fields.size(); ++i)
        if (target.fields[i]->write_once && missing.row->given[i])
            refusal.faults.push_back({target.fields[i]->name, "is written once and has a value"});
    return refusal;
}

class Writer {
  public:
    Writer(const Target& target, OnRefusal on_refusal, std::vector<RowFault>& faults)
        : target_(target), on_refusal_(on_refusal), faults_(faults) {}

    void write(std::span<const ImportRow* const> rows) {
        if (rows.empty()) return;
        const auto refusal = attempt(rows);
        if (!refusal) return;
        if (rows.size() == 1) return report(*rows.front(), *refusal);
        pg::check_interrupts();
        const std::size_t half = rows.size() / 2;
        write(rows.first(half));
        // Which row it was is known now, and nothing of the others is wanted.
        if (on_refusal_ == OnRefusal::stop && done_.refused > 0) return;
        write(rows.subspan(half));
    }

    [[nodiscard]] const BatchCounts& done() const noexcept { return done_; }

  private:
    std::optional<Refusal> attempt(std::span<const ImportRow* const> rows) {
        try {
            pg::Subtransaction whole;
            const Written written = write_ready(target_, rows);
            whole.commit();
            count(written);
            return std::nullopt;
        } catch (const core::Failure& failure) {
            if (!blames_a_row(failure.code())) throw;
            return Refusal{failure.message(), failure.faults()};
        } catch (const pg::Error& error) {
            auto refusal = refusal_of(error);
            if (!refusal) throw;
            return refusal;
        }
    }

    void count(const Written& written) {
        done_.inserted += written.inserted;
        done_.updated += written.updated;
        for (const Missing& missing : written.missing)
            report(*missing.row, refusal_of(target_, missing));
    }

    void report(const ImportRow& row, const Refusal& refusal) {
        ++done_.refused;
        for (const core::Fault& fault : refusal.faults)
            faults_.push_back({row.line, row.number, fault.field, fault.message});
        if (refusal.faults.empty()) faults_.push_back({row.line, row.number, "", refusal.message});
    }

    const Target& target_;
    OnRefusal on_refusal_;
    std::vector<RowFault>& faults_;
    BatchCounts done_;
};

}  // namespace

BatchCounts write_rows(const Target& target, const RowPointers& rows, OnRefusal on_refusal,
                       std::vector<RowFault>& faults) {
    const pg::Spi spi;
    Writer writer(target, on_refusal, faults);
    writer.write(rows);
    return writer.done();
}

}  // namespace pgwright::transfer
