//! The custom handler of every Azure Functions app.

use gatelet_host::azure::{App, serve};

fn main() -> Result<(), gatelet_host::Error> {
    serve(gatelet_delivered::catalog, |app| match app {
        "auth" => Some(App::Http(all::auth_routes())),
        "api" => Some(App::Http(all::api_routes())),
        "work" => {
            Some(App::Work { on_message: work_automation::on_message, on_tick: upkeep::on_tick })
        }
        _ => None,
    })
}
