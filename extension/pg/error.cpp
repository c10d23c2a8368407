// Error's copies in and out of the server's ErrorData. Nothing here raises: what needs the server's
// memory asks for it without the error path.
#include "pg/error.hpp"

#include <unordered_set>

namespace pgwright::pg {

namespace {

constexpr std::size_t kMaxInterned = 4096;  // source file and function names

// The server keeps file and function names by pointer for as long as the error lives, which may be
// longer than any memory context (a PL/pgSQL handler keeps the error past its subtransaction). They
// are constants, save in errors that came from a parallel worker: hence copies that are never freed.
// Names beyond the bound are dropped; they only serve the verbose log.
const char* intern(const char* name) noexcept {
    if (name == nullptr) return nullptr;
    static std::unordered_set<std::string>* const names =
        new (std::nothrow) std::unordered_set<std::string>;
    if (names == nullptr) return nullptr;
    try {
        const auto known = names->find(name);
        if (known != names->end()) return known->c_str();
        if (names->size() >= kMaxInterned) return nullptr;
        return names->emplace(name).first->c_str();
    } catch (...) {
        return nullptr;
    }
}

std::string text_of(const char* text) {
    return text == nullptr ? std::string() : std::string(text);
}

// The strings of an error, paired with their places in ErrorData.
struct StringField {
    std::string ErrorFields::*ours;
    char* ErrorData::*theirs;
};
constexpr StringField kStrings[] = {
    {&ErrorFields::message, &ErrorData::message},
    {&ErrorFields::detail, &ErrorData::detail},
    {&ErrorFields::detail_log, &ErrorData::detail_log},
    {&ErrorFields::hint, &ErrorData::hint},
    {&ErrorFields::context, &ErrorData::context},
    {&ErrorFields::backtrace, &ErrorData::backtrace},
    {&ErrorFields::schema, &ErrorData::schema_name},
    {&ErrorFields::table, &ErrorData::table_name},
    {&ErrorFields::column, &ErrorData::column_name},
    {&ErrorFields::datatype, &ErrorData::datatype_name},
    {&ErrorFields::constraint, &ErrorData::constraint_name},
    {&ErrorFields::internalquery, &ErrorData::internalquery},
};

// Everything but the strings.
void copy_plain(const ErrorFields& fields, ErrorData& data) noexcept {
    data.elevel = ERROR;
    data.output_to_server = fields.output_to_server;
    data.output_to_client = fields.output_to_client;
    data.hide_stmt = fields.hide_stmt;
    data.hide_ctx = fields.hide_ctx;
    data.filename = fields.filename;
    data.lineno = fields.lineno;
    data.funcname = fields.funcname;
    data.domain = fields.domain;
    data.context_domain = fields.context_domain;
    data.message_id = fields.message_id;
    data.sqlerrcode = fields.sqlstate;
    data.cursorpos = fields.cursorpos;
    data.internalpos = fields.internalpos;
    data.saved_errno = fields.saved_errno;
    data.assoc_context = ErrorContext;
}

}  // namespace

Error::Error(int sqlstate, std::string message, const char* file, int line, const char* function)
    : fields_(std::make_shared<ErrorFields>()) {
    fields_->sqlstate = sqlstate;
    fields_->filename = file;
    fields_->lineno = line;
    fields_->funcname = function;
    fields_->message = std::move(message);
}

Error::Error(const ErrorData& data) : fields_(std::make_shared<ErrorFields>()) {
    fields_->sqlstate = data.sqlerrcode;
    fields_->from_server = true;
    fields_->output_to_server = data.output_to_server;
    fields_->output_to_client = data.output_to_client;
    fields_->hide_stmt = data.hide_stmt;
    fields_->hide_ctx = data.hide_ctx;
    fields_->lineno = data.lineno;
    fields_->cursorpos = data.cursorpos;
    fields_->internalpos = data.internalpos;
    fields_->saved_errno = data.saved_errno;
    fields_->filename = intern(data.filename);
    fields_->funcname = intern(data.funcname);
    fields_->domain = data.domain;
    fields_->context_domain = data.context_domain;
    fields_->message_id = data.message_id;
    for (const StringField& field : kStrings) (*fields_).*field.ours = text_of(data.*field.theirs);
}

Error Error::detail(std::string text) && {
    fields_->detail = std::move(text);
    return std::move(*this);
}

Error Error::detail_log(std::string text) && {
    fields_->detail_log = std::move(text);
    return std::move(*this);
}

Error Error::hint(std::string text) && {
    fields_->hint = std::move(text);
    return std::move(*this);
}

bool Error::is_cancel() const noexcept {
    switch (sqlstate()) {
        case ERRCODE_QUERY_CANCELED:
        case ERRCODE_ADMIN_SHUTDOWN:
        case ERRCODE_CRASH_SHUTDOWN:
        case ERRCODE_DATABASE_DROPPED: return true;
        default: return false;
    }
}

bool Error::in_class(std::string_view two_characters) const noexcept {
    return two_characters.size() == 2 &&
           ERRCODE_TO_CATEGORY(sqlstate()) ==
               MAKE_SQLSTATE(two_characters[0], two_characters[1], '0', '0', '0');
}

ErrorData* to_error_data(const ErrorFields& fields) noexcept {
    std::size_t bytes = sizeof(ErrorData);
    for (const StringField& field : kStrings) bytes += (fields.*field.ours).size() + 1;
    if (!AllocSizeIsValid(bytes)) return nullptr;
    void* chunk = MemoryContextAllocExtended(ErrorContext, bytes, MCXT_ALLOC_NO_OOM);
    if (chunk == nullptr) return nullptr;

    auto* data = ::new (chunk) ErrorData{};
    copy_plain(fields, *data);
    char* next = reinterpret_cast<char*>(data + 1);
    for (const StringField& field : kStrings) {
        const std::string& text = fields.*field.ours;
        if (text.empty() && field.ours != &ErrorFields::message) continue;
        std::memcpy(next, text.c_str(), text.size() + 1);
        data->*field.theirs = next;
        next += text.size() + 1;
    }
    return data;
}

}  // namespace pgwright::pg
