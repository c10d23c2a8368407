// Rows that are written or refused one by one, by halving; see bulk_attempt.hpp.
#include "pg/subtransaction.hpp"

#include "data/bulk_attempt.hpp"

#include <algorithm>
#include <optional>

#include "core/json.hpp"

namespace pgwright::data {

namespace {

using core::Code;
using core::Failure;
using core::Json;

bool blames_row(Code code) noexcept {
    switch (code) {
        case Code::validation_error:
        case Code::permission_denied:
        case Code::resource_not_found:
        case Code::conflict:
        case Code::precondition_failed: return true;
        default: return false;
    }
}

std::vector<core::Fault> without_index(std::vector<core::Fault> faults) {
    for (core::Fault& fault : faults) fault.index = -1;
    return faults;
}

// What a trigger of ours raised comes back from the server as an error.
std::vector<core::Fault> faults_in(const std::string& detail) {
    std::vector<core::Fault> faults;
    if (!detail.starts_with('[')) return faults;
    const Json list = core::parse_json(detail);
    for (const Json& item : list.items()) {
        const Json* const field = item.find("field");
        const Json* const message = item.find("message");
        if (field != nullptr && message != nullptr)
            faults.push_back({field->text(), message->text()});
    }
    return faults;
}

// SQLSTATE PWnnn.
std::optional<Code> code_of(const pg::Error& error) {
    if (!error.in_class("PW")) return std::nullopt;
    int number = 0;
    int state = error.sqlstate() >> 12;
    for (int digit = 0; digit < 3; ++digit, state >>= 6) number = number * 10 + (state & 0x3F);
    return static_cast<Code>(number);
}

struct Refusal {
    Code code;
    std::string message;
    std::vector<core::Fault> details;
};

// Nothing when the rows were written into `outcome`.
std::optional<Refusal> try_rows(Rows rows, const Attempt& attempt, BulkOutcome& outcome) {
    try {
        pg::Subtransaction part;
        BulkOutcome written = attempt(rows);
        part.commit();
        std::ranges::move(written.done, std::back_inserter(outcome.done));
        std::ranges::move(written.faults, std::back_inserter(outcome.faults));
        return std::nullopt;
    } catch (const Failure& failure) {
        if (!blames_row(failure.code())) throw;
        return Refusal{failure.code(), failure.message(), without_index(failure.faults())};
    } catch (const pg::Error& error) {
        const auto code = code_of(error);
        if (!code || !blames_row(*code)) throw;
        return Refusal{*code, error.message(), faults_in(error.detail())};
    }
}

void halve(Rows rows, const Attempt& attempt, BulkOutcome& outcome) {
    auto refusal = try_rows(rows, attempt, outcome);
    if (!refusal) return;
    if (rows.size() == 1) {
        outcome.faults.push_back({rows.front(), refusal->code, std::move(refusal->message),
                                  std::move(refusal->details)});
        return;
    }
    const std::size_t half = rows.size() / 2;
    halve(rows.first(half), attempt, outcome);
    halve(rows.subspan(half), attempt, outcome);
}

}  // namespace

BulkOutcome write_each(Rows rows, const Attempt& attempt) {
    BulkOutcome outcome;
    if (!rows.empty()) halve(rows, attempt, outcome);
    std::ranges::sort(outcome.done);
    std::ranges::sort(outcome.faults, {}, &RowFault::index);
    return outcome;
}

BulkOutcome write_all(Rows rows, const Attempt& attempt) {
    pg::Subtransaction whole;
    BulkOutcome outcome = write_each(rows, attempt);
    if (!outcome.faults.empty()) {
        whole.rollback();
        raise(outcome.faults, "some records are refused; none was written");
    }
    whole.commit();
    return outcome;
}

void raise(const std::vector<RowFault>& faults, std::string_view message) {
    std::vector<core::Fault> all;
    for (const RowFault& fault : faults) {
        const int index = static_cast<int>(fault.index);
        if (fault.details.empty()) all.push_back({"", fault.message, index});
        for (const core::Fault& detail : fault.details)
            all.push_back({detail.field, detail.message, index});
    }
    throw Failure(faults.front().code,
                  faults.size() == 1 ? faults.front().message : std::string(message),
                  std::move(all));
}

}  // namespace pgwright::data
