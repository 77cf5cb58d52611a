//! What one route says of itself.

use std::collections::{BTreeMap, BTreeSet};

use utoipa::ToSchema;
use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::header::Header;
use utoipa::openapi::path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{Object, Ref, Schema, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{RefOr, Required, Response, ResponseBuilder};

use super::{BEARER, CSRF, SESSION};
use crate::problem::{OAuthDocument, OAuthError, Problem, ProblemDocument};
use crate::routes::{Policy, Route};

/// Describes a route. A function and not a value, so that a running process does not build it.
pub type Describe = fn(Description) -> Description;

type Schemas = Vec<(String, RefOr<Schema>)>;

/// The description of one route, filled by its crate.
#[derive(Default)]
#[must_use]
pub struct Description {
    operation: OperationBuilder,
    answers: Vec<(u16, Response)>,
    problems: Vec<Problem>,
    oauth: Vec<OAuthError>,
    is_optional_session: bool,
    schemas: Schemas,
}

impl Description {
    /// What the route does, in one line.
    pub fn summary(mut self, line: &str) -> Self {
        self.operation = self.operation.summary(Some(line));
        self
    }

    /// What else a caller must know.
    pub fn about(mut self, text: &str) -> Self {
        self.operation = self.operation.description(Some(text));
        self
    }

    /// A part of the path.
    pub fn path(mut self, name: &str, about: &str) -> Self {
        self.problems.push(Problem::BadPath);
        self.parameter(name, about, ParameterIn::Path)
    }

    /// A parameter of the query that may be left out.
    pub fn query(self, name: &str, about: &str) -> Self {
        self.parameter(name, about, ParameterIn::Query)
    }

    /// The body is a form with these fields.
    pub fn form<T: ToSchema>(mut self, required: Required) -> Self {
        let content = ContentBuilder::new().schema(Some(self.refer::<T>())).build();
        self.body("application/x-www-form-urlencoded", content, required)
    }

    /// The body is JSON of this shape.
    pub fn json_body<T: ToSchema>(mut self) -> Self {
        let content = ContentBuilder::new().schema(Some(self.refer::<T>())).build();
        self.body("application/json", content, Required::True)
    }

    /// The body is a file, or there is none.
    pub fn bytes_body(self) -> Self {
        let content = ContentBuilder::new().schema(Some(Object::with_type(Type::String))).build();
        self.body("application/octet-stream", content, Required::False)
    }

    fn body(mut self, media_type: &str, content: Content, required: Required) -> Self {
        let body = RequestBodyBuilder::new().content(media_type, content).required(Some(required));
        self.operation = self.operation.request_body(Some(body.build()));
        self
    }

    /// A header of the request.
    pub fn header(self, name: &str, about: &str) -> Self {
        self.parameter(name, about, ParameterIn::Header)
    }

    /// The session is looked at where it is there, and the route answers without one too.
    pub fn optional_session(mut self) -> Self {
        self.is_optional_session = true;
        self
    }

    /// It answers 200 with JSON of this shape.
    pub fn json<T: ToSchema>(self, what: &str) -> Self {
        self.json_at::<T>(200, what)
    }

    /// It answers with this status and JSON of this shape.
    pub fn json_at<T: ToSchema>(mut self, status: u16, what: &str) -> Self {
        let content = ContentBuilder::new().schema(Some(self.refer::<T>())).build();
        let answer = ResponseBuilder::new().description(what).content("application/json", content);
        self.answer(status, answer.build())
    }

    /// It answers 200 with this media type: a text, or any JSON.
    pub fn text(self, media_type: &str, what: &str) -> Self {
        let schema = if media_type.ends_with("json") {
            Object::with_type(Type::Object)
        } else {
            Object::with_type(Type::String)
        };
        let content = ContentBuilder::new().schema(Some(schema)).build();
        self.answer(
            200,
            ResponseBuilder::new().description(what).content(media_type, content).build(),
        )
    }

    /// It answers with this status and no body.
    pub fn empty(self, status: u16, what: &str) -> Self {
        self.answer(status, Response::new(what))
    }

    /// It sends the browser on (303).
    pub fn see_other(self, what: &str) -> Self {
        let mut location = Header::new(Object::with_type(Type::String));
        location.description = Some("Where to".to_owned());
        let answer = ResponseBuilder::new().description(what).header("Location", location);
        self.answer(303, answer.build())
    }

    /// It may refuse with these, beside those that its policy brings.
    pub fn problems(mut self, problems: &[Problem]) -> Self {
        self.problems.extend_from_slice(problems);
        self
    }

    /// It may refuse a client without a cookie with these.
    pub fn oauth_errors(mut self, errors: &[OAuthError]) -> Self {
        self.oauth.extend_from_slice(errors);
        self
    }

    fn parameter(mut self, name: &str, about: &str, place: ParameterIn) -> Self {
        let required = if place == ParameterIn::Path { Required::True } else { Required::False };
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(place)
            .required(required)
            .description(Some(about))
            .schema(Some(Object::with_type(Type::String)));
        self.operation = self.operation.parameter(parameter.build());
        self
    }

    fn answer(mut self, status: u16, answer: Response) -> Self {
        self.answers.push((status, answer));
        self
    }

    /// Refers to a type's schema, which joins the document's components.
    fn refer<T: ToSchema>(&mut self) -> Ref {
        self.schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(&mut self.schemas);
        Ref::from_schema_name(T::name())
    }

    /// The finished operation, with what its route's policy adds, and the schemas that it refers to.
    pub(super) fn operation(mut self, route: &Route) -> (Operation, Schemas) {
        self.problems.extend_from_slice(refusals(route.policy));
        let mut proofs = proofs(route.policy);
        if self.is_optional_session {
            proofs = vec![SecurityRequirement::default(), session()];
        }
        let mut operation = std::mem::take(&mut self.operation).operation_id(Some(route.name));
        if !proofs.is_empty() {
            operation = operation.securities(Some(proofs));
        }
        for (status, answer) in std::mem::take(&mut self.answers) {
            operation = operation.response(status.to_string(), answer);
        }
        for (status, refusal) in self.refusals() {
            operation = operation.response(status.to_string(), refusal);
        }
        (operation.build(), self.schemas)
    }

    /// An answer for each status with which it refuses, which names the codes.
    fn refusals(&mut self) -> BTreeMap<u16, Response> {
        let mut codes: BTreeMap<u16, BTreeSet<String>> = BTreeMap::new();
        let mut kinds: BTreeSet<(u16, bool)> = BTreeSet::new();
        let problems = self.problems.iter().map(|problem| (problem.describe(), false));
        let errors = self.oauth.iter().map(|error| (error.describe(), true));
        for ((status, code, words), is_oauth) in problems.chain(errors) {
            let status = status.as_u16();
            codes.entry(status).or_default().insert(format!("`{code}`: {words}."));
            kinds.insert((status, is_oauth));
        }
        let mut answers = BTreeMap::new();
        for (status, codes) in codes {
            let words: Vec<String> = codes.into_iter().collect();
            let mut answer = ResponseBuilder::new().description(words.join(" "));
            if kinds.contains(&(status, false)) {
                let schema = self.refer::<ProblemDocument<'_>>();
                let content = ContentBuilder::new().schema(Some(schema)).build();
                answer = answer.content("application/problem+json", content);
            }
            if kinds.contains(&(status, true)) {
                let schema = self.refer::<OAuthDocument<'_>>();
                let content = ContentBuilder::new().schema(Some(schema)).build();
                answer = answer.content("application/json", content);
            }
            answers.insert(status, answer.build());
        }
        answers
    }
}

fn session() -> SecurityRequirement {
    let nothing: [&str; 0] = [];
    SecurityRequirement::new(SESSION, nothing).add(CSRF, nothing)
}

/// The proofs of which a policy asks one.
fn proofs(policy: Policy) -> Vec<SecurityRequirement> {
    match policy {
        Policy::Public => Vec::new(),
        Policy::Session => vec![session()],
        Policy::Api { scope } => vec![SecurityRequirement::new(BEARER, [scope]), session()],
    }
}

/// The problems that a policy brings.
const fn refusals(policy: Policy) -> &'static [Problem] {
    match policy {
        Policy::Public => &[],
        Policy::Session => {
            &[Problem::SignInRequired, Problem::NotFromOurPage, Problem::Unavailable]
        }
        Policy::Api { .. } => &[
            Problem::SignInRequired,
            Problem::InvalidToken,
            Problem::InsufficientScope,
            Problem::NotAdmitted,
            Problem::NotFromOurPage,
            Problem::OtherRegion,
            Problem::Unavailable,
        ],
    }
}
