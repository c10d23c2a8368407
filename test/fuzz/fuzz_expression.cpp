// The expression language: what is parsed is printed as text of the same tree, a renamed field leaves
// it an expression, and what the check accepts is compiled.
#include <string>
#include <vector>

#include "check.hpp"
#include "core/error.hpp"
#include "core/expression.hpp"
#include "core/expression_node.hpp"
#include "core/utf8.hpp"
#include "unit/sample_entity.hpp"

using namespace pgwright::core;
using pgwright::fuzz::check;

namespace {

bool same(const expression::Node& a, const expression::Node& b) {
    if (a.kind != b.kind || a.op != b.op || a.text != b.text ||
        a.children.size() != b.children.size())
        return false;
    for (std::size_t i = 0; i < a.children.size(); ++i) {
        if (!same(*a.children[i], *b.children[i])) return false;
    }
    return true;
}

bool is_too_long(std::string_view text) { return count_characters(text) > kMaxExpressionLength; }

void print(const Expression& parsed) {
    const std::string text = print_expression(parsed);
    if (is_too_long(text)) return;
    const Expression again = parse_expression(text);
    check(same(parsed.root(), again.root()) && parsed.nodes() == again.nodes());
    check(print_expression(again) == text);
}

// One of the names, to one that must be quoted and to one that need not be.
void rename(std::string_view text, const Expression& parsed) {
    for (const std::string& name : fields_of(parsed)) {
        for (const auto* to : {"renamed", "Re\"named", "and"}) {
            const std::string renamed = rename_in_expression(text, name, to);
            if (is_too_long(renamed)) continue;
            const auto names = fields_of(parse_expression(renamed));
            check(names.contains(to) && (name == to || !names.contains(name)));
        }
        break;
    }
}

void compile(const Expression& parsed, const Entity& product) {
    Faults faults;
    (void)check_expression(parsed, product.fields, "f", faults);
    check(faults.list().size() <= 2 * kMaxExpressionNodes);
    if (faults.empty()) check(!expression_sql(parsed, product.fields, "r").empty());
}

void as_formula(std::string_view text, Entity entity) {
    for (const FieldType type : {FieldType::text, FieldType::decimal, FieldType::boolean}) {
        Field made = sample::field("made_" + std::string(info(type).name), type);
        made.formula = text;
        entity.fields.push_back(std::move(made));
    }
    compile_formulas(entity);
    for (const Field& field : entity.fields)
        check(!field.is_calculated() || !field.read_sql.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Entity product = sample::product();
    const std::string_view text = pgwright::fuzz::text_of(data, size);
    try {
        const Expression parsed = parse_expression(text);
        print(parsed);
        rename(text, parsed);
        compile(parsed, product);
        as_formula(text, product);
    } catch (const Failure& failure) {
        check(failure.code() == Code::validation_error && failure.faults().size() == 1);
    }
    return 0;
}
