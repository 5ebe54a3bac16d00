//! What every server has to do, and what our client has to bear.

mod control;
mod floods;
mod refusals;
mod sessions;
mod streams;

use crate::target::Target;

pub(crate) async fn check(target: &Target) {
    println!("{}:", target.name);
    sessions::calls_and_answers(target).await;
    let id = target.create().await.id;
    streams::pictures_and_events(target, &id).await;
    streams::a_cut_is_resumed_or_marked(target, &id).await;
    streams::harm_in_between_is_passed_over(target, &id).await;
    control::by_the_way_that_is_offered(target, &id).await;
    control::by_rest(target, &id).await;
    control::a_closed_socket_is_opened_again(target, &id).await;
    refusals::a_refused_key_is_asked_about_once(target, &id).await;
    refusals::a_stream_that_says_stop_is_not_asked_again(target, &id).await;
    refusals::a_busy_server_is_given_its_time(target, &id).await;
    refusals::no_redirect_leads_to_another_server_around_here(target, &id).await;
    sessions::kept_alive(target, &id).await;
    sessions::the_end(target, &id).await;
}

/// The client's part alone: whose stream it is makes no difference.
pub(crate) async fn check_limits(target: &Target) {
    let id = target.create().await.id;
    floods::what_never_ends_is_cut(target, &id).await;
    floods::a_huge_picture_is_shown(target, &id).await;
}
