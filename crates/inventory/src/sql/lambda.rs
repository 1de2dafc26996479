//! `p -> p.Field`: inside a lambda a field may be written with a dot, as everywhere else. The planner knows
//! only `p['Field']`, so the one is turned into the other.

use std::ops::ControlFlow;

use datafusion::sql::sqlparser::ast::{
    AccessExpr, Expr, Ident, LambdaFunction, Subscript, Value, ValueWithSpan, VisitMut, visit_expressions_mut,
};

/// Rewrites every lambda in a statement.
pub(crate) fn with_dots(statement: &mut impl VisitMut) {
    let _: ControlFlow<()> = visit_expressions_mut(statement, |expression| {
        if let Expr::Lambda(lambda) = expression {
            dots_of(lambda);
        }
        ControlFlow::Continue(())
    });
}

fn dots_of(lambda: &mut LambdaFunction) {
    let names: Vec<String> = lambda.params.iter().map(|parameter| parameter.name.value.clone()).collect();
    let _: ControlFlow<()> = visit_expressions_mut(&mut lambda.body, |expression| {
        if let Expr::CompoundIdentifier(parts) = expression
            && let [first, fields @ ..] = parts.as_slice()
            && names.contains(&first.value)
        {
            *expression = Expr::CompoundFieldAccess {
                root: Box::new(Expr::Identifier(first.clone())),
                access_chain: fields.iter().map(field).collect(),
            };
        }
        ControlFlow::Continue(())
    });
}

fn field(name: &Ident) -> AccessExpr {
    let value = Value::SingleQuotedString(name.value.clone());
    let index = Expr::Value(ValueWithSpan { value, span: name.span });
    AccessExpr::Subscript(Subscript::Index { index })
}
