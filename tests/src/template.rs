//! The routes in `template.yaml`: for each declared route its resource in the HTTP API, and the permission
//! with which the API invokes the function.

use gatelet_edge::Route;

use crate::declared::http_crates;

/// The line after which the routes stand.
const BEGIN: &str = "  # Routes, from here to the mark of their end, are what the functions declare: \
                     `cargo xtask bless` writes them.\n";
/// The line before which they stand.
const END: &str = "  # End of the routes.\n";

/// The template with its routes written anew. `None` when one of the two marks is not there.
#[must_use]
pub fn with_routes(template: &str) -> Option<String> {
    let (before, rest) = template.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n{}{END}{after}", routes()))
}

fn routes() -> String {
    let mut text = String::new();
    for (package, routes) in http_crates() {
        for route in routes.declared() {
            text.push_str(&resources(&pascal(package), route));
        }
    }
    text
}

fn resources(function: &str, route: &Route) -> String {
    let (name, method) = (pascal(route.name), route.method.name());
    let path = routed_path(route.path);
    let source = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}";
    let called = with_any_value(&path);
    format!(
        r#"  {name}Route:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: {method} {path}
      AuthorizationType: NONE
      Target: !Sub "integrations/${{{function}Integration}}"

  {name}Permission:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref {function}Function
      Action: lambda:InvokeFunction
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub "{source}/*/{method}{called}"

"#
    )
}

/// `run-automation` as the template's names have it: `RunAutomation`.
fn pascal(name: &str) -> String {
    let mut upper = true;
    let mut letters = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            letters.push(if upper { letter.to_ascii_uppercase() } else { letter });
        }
        upper = !letter.is_ascii_alphanumeric();
    }
    letters
}

/// The path as an HTTP API has it. The rest of a path has the name there that everybody gives it.
#[must_use]
pub fn routed_path(path: &str) -> String {
    let greedy = |part: &str| {
        if part.starts_with("{*") { "{proxy+}".to_owned() } else { part.to_owned() }
    };
    path.split('/').map(greedy).collect::<Vec<_>>().join("/")
}

/// The path as the permission names it: a parameter may have any value.
fn with_any_value(path: &str) -> String {
    let segments = path.split('/').map(|part| if part.starts_with('{') { "*" } else { part });
    segments.collect::<Vec<_>>().join("/")
}
