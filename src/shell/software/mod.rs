//! Opens the windows without OpenGL: winit makes them, and the processor paints what has changed.
//!
//! Every window beside the main one is painted within the main one's pass, so there is one pass to plan.

#[cfg(target_os = "linux")]
mod exposure;
mod geometry;
mod storage;
mod windows;

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use eframe::UserEvent;
use egui::{Context, RawInput, ViewportCommand, ViewportId};
use egui_winit::accesskit_winit;
use winit::application::ApplicationHandler;
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, ControlFlow, EventLoop, EventLoopProxy};
use winit::raw_window_handle::HasWindowHandle;
use winit::window::WindowId;

use self::geometry::Geometry;
use self::windows::OpenWindows;
use super::{WindowApp, main_window, viewports};

/// A window that cannot be seen is looked after so often, since animations would never pause by themselves.
const HIDDEN_PACE: Duration = Duration::from_millis(250);
/// A system that shows the window lets it paint within this time; a compositor keeps back one that is covered.
const OVERDUE: Duration = Duration::from_millis(500);
const SAVES_EVERY: Duration = Duration::from_secs(30);

type Create<'a, A> = dyn FnOnce(&Context, &dyn HasWindowHandle) -> Result<A, String> + 'a;

/// The main window, from before it is opened until after its end.
pub(super) struct SoftwareWindow<'a, A> {
    proxy: EventLoopProxy<UserEvent>,
    create: Option<Box<Create<'a, A>>>,
    open: Option<OpenWindow<A>>,
}

/// The main window while it is open.
struct OpenWindow<A> {
    ctx: Context,
    app: A,
    windows: Rc<RefCell<OpenWindows>>,
    geometry: Geometry,
    began: Instant,
    /// The input that no pass has had, because nothing was to be seen.
    waiting_input: RawInput,
    /// When the next pass is due.
    due: Option<Instant>,
    /// By when the system should have asked for the pass that it was told of.
    overdue: Option<Instant>,
    last_pass: Option<Duration>,
    last_start: Instant,
    last_save: Instant,
    is_closing: bool,
}

/// How much of a pass is run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// All of it, and what has changed is brought to the screen.
    Changes,
    /// All of it, and everything is brought to the screen, which may have lost it.
    Whole,
    /// No more than keeps the state up to date.
    Logic,
}

impl<'a, A: WindowApp> SoftwareWindow<'a, A> {
    /// Makes the window for the app that `create` makes.
    pub(super) fn new(
        event_loop: &EventLoop<UserEvent>,
        create: impl FnOnce(&Context, &dyn HasWindowHandle) -> Result<A, String> + 'a,
    ) -> Self {
        Self { proxy: event_loop.create_proxy(), create: Some(Box::new(create)), open: None }
    }

    fn open(&mut self, event_loop: &ActiveEventLoop) -> anyhow::Result<()> {
        let Some(create) = self.create.take() else { return Ok(()) };
        let ctx = Context::default();
        ctx.set_embed_viewports(false);
        ctx.options_mut(|options| {
            options.max_passes = std::num::NonZeroUsize::MIN.saturating_add(1)
        });
        let proxy = Mutex::new(self.proxy.clone());
        ctx.set_request_repaint_callback(move |wanted| {
            let event = UserEvent::RequestRepaint {
                viewport_id: wanted.viewport_id,
                when: Instant::now() + wanted.delay,
                cumulative_pass_nr: wanted.current_cumulative_pass_nr,
            };
            let proxy = proxy.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            // The loop that it is sent to may have ended.
            proxy.send_event(event).ok();
        });
        let mut geometry = Geometry::load(&ctx);
        if geometry.is_first() {
            ctx.add_plugin(main_window::FirstSize::default());
        }
        let builder = geometry.builder(main_window::builder(), &ctx, event_loop);
        let began = Instant::now();
        let mut windows = OpenWindows::new(event_loop, began);
        windows.open_main(&ctx, event_loop, builder.with_visible(false), self.proxy.clone())?;
        let window = windows.main_window()?;
        geometry.restore(&window);
        let app = create(&ctx, &window).map_err(anyhow::Error::msg)?;
        let windows = Rc::new(RefCell::new(windows));
        let shared = Rc::downgrade(&windows);
        Context::set_immediate_viewport_renderer(move |ctx, viewport| {
            let Some(windows) = shared.upgrade() else {
                tracing::warn!("a window is painted after the end of the main one");
                return;
            };
            windows::paint_beside(&windows, ctx, viewport);
        });
        self.open = Some(OpenWindow {
            ctx,
            app,
            windows,
            geometry,
            began,
            waiting_input: RawInput::default(),
            due: Some(began),
            overdue: None,
            last_pass: None,
            last_start: began.checked_sub(HIDDEN_PACE).unwrap_or(began),
            last_save: began,
            is_closing: false,
        });
        Ok(())
    }

    /// Lets the open window act, and then ends it or plans its next pass.
    fn act(&mut self, event_loop: &ActiveEventLoop, act: impl FnOnce(&mut OpenWindow<A>)) {
        let Some(open) = &mut self.open else { return };
        act(open);
        open.plan(event_loop);
        if open.is_closing {
            self.close();
            event_loop.exit();
        }
    }

    fn close(&mut self) {
        if let Some(mut open) = self.open.take() {
            open.ctx.on_exit();
            open.save();
            open.app.close();
        }
    }
}

impl<A: WindowApp> ApplicationHandler<UserEvent> for SoftwareWindow<'_, A> {
    fn resumed(&mut self, event_loop: &ActiveEventLoop) {
        if let Err(err) = self.open(event_loop) {
            tracing::warn!("the processor can't paint a window: {err:#}");
            event_loop.exit();
        }
        self.act(event_loop, |open| open.pass(event_loop, Pass::Whole));
    }

    fn user_event(&mut self, event_loop: &ActiveEventLoop, event: UserEvent) {
        self.act(event_loop, |open| match event {
            UserEvent::RequestRepaint { viewport_id, when, cumulative_pass_nr } => {
                let now_at = open.ctx.cumulative_pass_nr_for(viewport_id);
                // A wish from before the last pass is fulfilled.
                if now_at <= cumulative_pass_nr.saturating_add(1) {
                    open.want_pass(when);
                }
            }
            UserEvent::AccessKitActionRequest(event) => open.accessibility(event),
        });
    }

    fn window_event(&mut self, event_loop: &ActiveEventLoop, window: WindowId, event: WindowEvent) {
        self.act(event_loop, |open| match event {
            WindowEvent::RedrawRequested => open.redraw(event_loop, window),
            event => open.event(event_loop, window, &event),
        });
    }

    fn about_to_wait(&mut self, event_loop: &ActiveEventLoop) {
        self.act(event_loop, |_| {});
    }

    fn exiting(&mut self, _: &ActiveEventLoop) {
        self.close();
    }
}

impl<A: WindowApp> OpenWindow<A> {
    fn want_pass(&mut self, when: Instant) {
        self.due = Some(self.due.map_or(when, |due| due.min(when)));
    }

    /// Does what is due, and says when to wake up again.
    fn plan(&mut self, event_loop: &ActiveEventLoop) {
        let now = Instant::now();
        if self.overdue.is_some_and(|overdue| overdue <= now) {
            self.overdue = None;
            self.pass(event_loop, Pass::Logic);
        }
        let (pace, is_hidden) = self.windows.borrow().pace(HIDDEN_PACE);
        let due = self.due.map(|due| due.max(self.last_start + pace));
        if due.is_some_and(|due| due <= now) {
            self.due = None;
            if is_hidden {
                // Some systems never ask for the picture of a hidden window.
                self.pass(event_loop, Pass::Changes);
            } else {
                self.windows.borrow_mut().ask_for_redraw();
                self.overdue.get_or_insert(now + OVERDUE);
            }
        }
        let due = self.due.map(|due| due.max(self.last_start + pace));
        let wake = [due, self.overdue].into_iter().flatten().min();
        event_loop.set_control_flow(wake.map_or(ControlFlow::Wait, ControlFlow::WaitUntil));
    }

    fn redraw(&mut self, event_loop: &ActiveEventLoop, window: WindowId) {
        let asked = self.windows.borrow_mut().take_redraw(window);
        match asked {
            // The system has lost what was there.
            Some(false) => self.pass(event_loop, Pass::Whole),
            Some(true) => self.pass(event_loop, Pass::Changes),
            None => {}
        }
    }

    fn event(&mut self, event_loop: &ActiveEventLoop, window: WindowId, event: &WindowEvent) {
        let Some(news) = self.windows.borrow_mut().event(window, event) else { return };
        if let WindowEvent::CloseRequested = event {
            self.ctx.request_repaint_of(news.viewport);
            self.ctx.request_repaint();
        }
        if news.wants_repaint {
            // A window that is resized shows nothing until it is painted.
            if let WindowEvent::Resized(_) = event {
                self.pass(event_loop, Pass::Whole);
            } else {
                self.want_pass(Instant::now());
            }
        }
    }

    fn accessibility(&mut self, event: accesskit_winit::Event) {
        if self.windows.borrow_mut().accessibility(event, &self.ctx) {
            self.want_pass(Instant::now());
        }
    }

    fn pass(&mut self, event_loop: &ActiveEventLoop, pass: Pass) {
        let start = Instant::now();
        let Some((input, is_seen)) = self.windows.borrow_mut().input(ViewportId::ROOT, &self.ctx)
        else {
            return;
        };
        self.overdue = None;
        self.last_start = start;
        let mut raw = std::mem::take(&mut self.waiting_input);
        raw.append(input);
        raw.time = Some(self.began.elapsed().as_secs_f64());
        self.app.raw_input_hook(&self.ctx, &mut raw);
        let closes = raw.viewport().close_requested();
        let (app, last_pass) = (&mut self.app, self.last_pass);
        let is_canceled = if pass == Pass::Logic || !is_seen {
            let output = self.ctx.run_logic(&raw, |ctx| app.logic(ctx, last_pass));
            self.waiting_input = raw;
            let commands = output.viewport_commands;
            let is_canceled = is_close_canceled(commands.get(&ViewportId::ROOT));
            let mut windows = self.windows.borrow_mut();
            windows.obey(event_loop, output.platform_output);
            windows.command(&self.ctx, commands);
            is_canceled
        } else {
            let output = self.ctx.run_ui(raw, |ui| {
                app.logic(ui.ctx(), last_pass);
                app.ui(ui);
                viewports::show(app, ui.ctx());
            });
            let commands = output.viewport_output.get(&ViewportId::ROOT);
            let is_canceled = is_close_canceled(commands.map(|output| &output.commands));
            let mut windows = self.windows.borrow_mut();
            windows.show(&self.ctx, event_loop, output, pass == Pass::Whole);
            is_canceled
        };
        if self.geometry.is_unseen()
            && let Ok(window) = self.windows.borrow().main_window()
        {
            self.geometry.show(&window);
        }
        self.last_pass = Some(start.elapsed());
        self.is_closing |= closes && !is_canceled;
        if self.last_save.elapsed() > SAVES_EVERY {
            self.save();
        }
    }

    fn save(&mut self) {
        self.last_save = Instant::now();
        if let Ok(window) = self.windows.borrow().main_window() {
            self.geometry.save(&window, &self.ctx);
        }
        self.app.save();
    }
}

fn is_close_canceled(commands: Option<&Vec<ViewportCommand>>) -> bool {
    commands.is_some_and(|commands| commands.contains(&ViewportCommand::CancelClose))
}
