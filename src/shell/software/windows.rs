//! The open windows, each with its pixels: passes input on to egui, and brings to the screen what egui painted.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow};
use eframe::UserEvent;
use egui::viewport::{ImmediateViewport, ViewportOutput};
use egui::{
    ColorImage, Context, Event, FullOutput, OrderedViewportIdMap, PlatformOutput, RawInput,
    TexturesDelta, ViewportBuilder, ViewportCommand, ViewportEvent, ViewportId, ViewportIdPair,
    ViewportInfo,
};
use egui_winit::{ActionRequested, accesskit_winit};
use winit::event::WindowEvent;
use winit::event_loop::{ActiveEventLoop, EventLoopProxy, OwnedDisplayHandle};
use winit::window::{Window, WindowId};

#[cfg(target_os = "linux")]
use super::exposure::Exposure;
use crate::raster::{Canvas, PixelArea, Raster, Textures};
use crate::shell::main_window;

/// Pictures and letters are no larger than this at their longer side.
const MAX_TEXTURE: usize = 8192;
const USUAL_PACE: f32 = 60.0;

/// All windows, with what they paint with.
pub(super) struct OpenWindows {
    display: OwnedDisplayHandle,
    began: Instant,
    textures: Textures,
    /// Textures that egui spoke of and nobody has taken over.
    delta: TexturesDelta,
    all: BTreeMap<ViewportId, ViewportWindow>,
}

struct ViewportWindow {
    parent: ViewportId,
    builder: ViewportBuilder,
    info: ViewportInfo,
    actions: Vec<ActionRequested>,
    /// What waits for the window to be opened.
    commands: Vec<ViewportCommand>,
    /// The window on the screen. It is `None` until the event loop is there to open it.
    surface: Option<WindowSurface>,
}

struct WindowSurface {
    window: Arc<Window>,
    state: egui_winit::State,
    surface: softbuffer::Surface<OwnedDisplayHandle, Arc<Window>>,
    raster: Raster,
    /// The program asked for the next redraw, and not the system.
    is_redraw_asked: bool,
    #[cfg(target_os = "linux")]
    exposure: Exposure,
}

/// What an event means to the shell.
pub(super) struct HandledEvent {
    pub(super) viewport: ViewportId,
    pub(super) wants_repaint: bool,
}

impl OpenWindows {
    /// Returns no windows. `began` is the start of egui's clock.
    pub(super) fn new(event_loop: &ActiveEventLoop, began: Instant) -> Self {
        Self {
            display: event_loop.owned_display_handle(),
            began,
            textures: Textures::default(),
            delta: TexturesDelta::default(),
            all: BTreeMap::new(),
        }
    }

    /// Opens the main window. Fails where the system gives no window, or none that can be painted so.
    pub(super) fn open_main(
        &mut self,
        ctx: &Context,
        event_loop: &ActiveEventLoop,
        builder: ViewportBuilder,
        proxy: EventLoopProxy<UserEvent>,
    ) -> anyhow::Result<()> {
        let mut viewport = ViewportWindow::new(ViewportId::ROOT, builder);
        viewport.open(ViewportId::ROOT, ctx, event_loop, &self.display)?;
        if let Some(WindowSurface { window, state, .. }) = &mut viewport.surface {
            state.init_accesskit(event_loop, window, proxy);
        }
        self.all.insert(ViewportId::ROOT, viewport);
        Ok(())
    }

    /// Returns the main window, which is there from its opening on.
    pub(super) fn main_window(&self) -> anyhow::Result<Arc<Window>> {
        let surface = self.all.get(&ViewportId::ROOT).and_then(|main| main.surface.as_ref());
        Ok(surface.context("The main window is not open")?.window.clone())
    }

    /// Returns the least time between two passes, and whether nothing of any window can be seen.
    pub(super) fn pace(&self, hidden: Duration) -> (Duration, bool) {
        if !self.all.values().any(ViewportWindow::is_seen) {
            return (hidden, true);
        }
        let rates = self.all.values().filter_map(|viewport| {
            let monitor = viewport.surface.as_ref()?.window.current_monitor()?;
            Some(monitor.refresh_rate_millihertz()? as f32 / 1000.0)
        });
        let rate = rates.reduce(f32::max).unwrap_or(USUAL_PACE).max(USUAL_PACE);
        // A little faster than the screen, so that none of its pictures is missed.
        (Duration::from_secs_f32(0.8 / rate), false)
    }

    /// Asks the system to ask for a redraw when it suits.
    pub(super) fn ask_for_redraw(&mut self) {
        if let Some(main) = self.all.get_mut(&ViewportId::ROOT).and_then(|it| it.surface.as_mut()) {
            main.is_redraw_asked = true;
            main.window.request_redraw();
        }
    }

    /// Tells whether the program asked for the redraw that comes now; `None` where the window is gone.
    pub(super) fn take_redraw(&mut self, window: WindowId) -> Option<bool> {
        let viewport = self.of_window(window)?;
        let surface = self.all.get_mut(&viewport)?.surface.as_mut()?;
        Some(std::mem::take(&mut surface.is_redraw_asked))
    }

    /// Passes an event on to egui.
    pub(super) fn event(&mut self, window: WindowId, event: &WindowEvent) -> Option<HandledEvent> {
        let viewport = self.of_window(window)?;
        let found = self.all.get_mut(&viewport)?;
        let WindowSurface { window, state, .. } = found.surface.as_mut()?;
        match event {
            WindowEvent::Occluded(is_occluded) => found.info.occluded = Some(*is_occluded),
            WindowEvent::CloseRequested => found.info.events.push(ViewportEvent::Close),
            _ => {}
        }
        let wants_repaint = state.on_window_event(window, event).repaint;
        Some(HandledEvent { viewport, wants_repaint })
    }

    /// Passes on what a screen reader wants. Returns whether a pass is needed for it.
    pub(super) fn accessibility(&mut self, event: accesskit_winit::Event, ctx: &Context) -> bool {
        let found = self.of_window(event.window_id).and_then(|id| self.all.get_mut(&id));
        let Some(surface) = found.and_then(|viewport| viewport.surface.as_mut()) else {
            return false;
        };
        match event.window_event {
            accesskit_winit::WindowEvent::InitialTreeRequested => ctx.enable_accesskit(),
            accesskit_winit::WindowEvent::ActionRequested(request) => {
                surface.state.on_accesskit_action_request(request);
            }
            accesskit_winit::WindowEvent::AccessibilityDeactivated => {
                ctx.disable_accesskit();
                return false;
            }
        }
        true
    }

    /// Takes the input of a window since the last call, and tells whether it or one that is painted with it can be seen.
    pub(super) fn input(
        &mut self,
        viewport: ViewportId,
        ctx: &Context,
    ) -> Option<(RawInput, bool)> {
        let found = self.all.get_mut(&viewport)?;
        let WindowSurface { window, state, .. } = found.surface.as_mut()?;
        egui_winit::update_viewport_info(&mut found.info, ctx, window, false);
        let mut input = state.take_egui_input(window);
        let infos = self.all.iter().map(|(id, viewport)| (*id, viewport.info.clone()));
        input.viewports = infos.collect();
        input.time = Some(self.began.elapsed().as_secs_f64());
        let is_seen = self.all.values().any(ViewportWindow::is_seen);
        Some((input, is_seen))
    }

    /// Does what egui asks of the desktop for the main window.
    pub(super) fn obey(&mut self, event_loop: &ActiveEventLoop, output: PlatformOutput) {
        let Some(main) = self.all.get_mut(&ViewportId::ROOT) else { return };
        // A pass or the app's logic has seen them.
        main.info.events.clear();
        if let Some(WindowSurface { window, state, .. }) = &mut main.surface {
            state.handle_platform_output_with_event_loop(window, event_loop, output);
        }
    }

    /// Does what the app asks of its windows.
    pub(super) fn command(
        &mut self,
        ctx: &Context,
        commands: OrderedViewportIdMap<Vec<ViewportCommand>>,
    ) {
        for (id, commands) in commands {
            if let Some(viewport) = self.all.get_mut(&id) {
                viewport.command(ctx, commands);
            }
        }
    }

    /// Brings the main window's pass to the screen, opens the windows that are new, and closes those that the app wants
    /// no more.
    pub(super) fn show(
        &mut self,
        ctx: &Context,
        event_loop: &ActiveEventLoop,
        output: FullOutput,
        is_whole: bool,
    ) {
        let FullOutput {
            platform_output,
            textures_delta,
            shapes,
            pixels_per_point,
            viewport_output,
        } = output;
        self.delta.append(textures_delta);
        self.obey(event_loop, platform_output);
        self.paint(ViewportId::ROOT, ctx, shapes, pixels_per_point, is_whole);
        self.follow(ctx, event_loop, viewport_output);
    }

    /// Keeps the windows that `wanted` names and no others.
    fn follow(
        &mut self,
        ctx: &Context,
        event_loop: &ActiveEventLoop,
        wanted: OrderedViewportIdMap<ViewportOutput>,
    ) {
        self.all.retain(|id, _| wanted.contains_key(id));
        for (id, ViewportOutput { parent, builder, commands, .. }) in wanted {
            let viewport = self.patch(ViewportIdPair::from_self_and_parent(id, parent), builder);
            viewport.command(ctx, commands);
        }
        let Self { all, display, .. } = self;
        for (id, viewport) in all.iter_mut().filter(|(_, viewport)| viewport.surface.is_none()) {
            match viewport.open(*id, ctx, event_loop, display) {
                // What was painted before it was there is painted again.
                Ok(()) => ctx.request_repaint(),
                Err(err) => tracing::warn!("a window can't be opened: {err:#}"),
            }
        }
    }

    /// Gives a window the properties that it is to have now.
    fn patch(&mut self, ids: ViewportIdPair, mut builder: ViewportBuilder) -> &mut ViewportWindow {
        if builder.icon.is_none() {
            builder.icon = self.all.get(&ids.parent).and_then(|it| it.builder.icon.clone());
        }
        let is_new = !self.all.contains_key(&ids.this);
        let viewport = self
            .all
            .entry(ids.this)
            .or_insert_with(|| ViewportWindow::new(ids.parent, builder.clone()));
        if !is_new {
            viewport.parent = ids.parent;
            let (mut commands, is_another) = viewport.builder.patch(builder);
            if is_another {
                viewport.surface = None;
            }
            viewport.commands.append(&mut commands);
        }
        viewport
    }

    fn paint(
        &mut self,
        viewport: ViewportId,
        ctx: &Context,
        shapes: Vec<egui::epaint::ClippedShape>,
        pixels_per_point: f32,
        is_whole: bool,
    ) {
        let freed = self.textures.update(&mut self.delta);
        if let Some(viewport) = self.all.get_mut(&viewport)
            && viewport.is_seen()
        {
            let primitives = ctx.tessellate(shapes, pixels_per_point);
            let ground = ctx.global_style().visuals.panel_fill;
            let painted = viewport.surface.as_mut().map(|surface| {
                let (textures, actions) = (&self.textures, &mut viewport.actions);
                surface.answer(actions, |canvas| {
                    Raster::default().paint(
                        canvas,
                        textures,
                        &primitives,
                        pixels_per_point,
                        ground,
                        false,
                    );
                });
                surface.paint(&self.textures, &primitives, pixels_per_point, ground, is_whole)
            });
            if let Some(Err(err)) = painted {
                tracing::warn!("a window could not be painted: {err:#}");
            }
        }
        self.textures.free(&freed);
    }

    fn of_window(&self, window: WindowId) -> Option<ViewportId> {
        let is_it = |viewport: &ViewportWindow| {
            viewport.surface.as_ref().is_some_and(|surface| surface.window.id() == window)
        };
        self.all.iter().find(|(_, viewport)| is_it(viewport)).map(|(id, _)| *id)
    }
}

/// Runs the pass of a window beside the main one and brings it to the screen. A new window is opened after the main
/// one's pass, because only then the event loop is at hand; until then, its pass is run for nobody.
pub(super) fn paint_beside(
    windows: &Rc<RefCell<OpenWindows>>,
    ctx: &Context,
    viewport: ImmediateViewport<'_>,
) {
    let ImmediateViewport { ids, builder, mut viewport_ui_cb } = viewport;
    let input = {
        let mut windows = windows.borrow_mut();
        windows.patch(ids, builder);
        windows.input(ids.this, ctx).map(|(input, _)| input)
    };
    let input = input.unwrap_or_else(|| RawInput {
        viewport_id: ids.this,
        viewports: [(ids.this, ViewportInfo::default())].into_iter().collect(),
        ..RawInput::default()
    });
    let FullOutput { platform_output, textures_delta, shapes, pixels_per_point, viewport_output } =
        ctx.run_ui(input, |ui| viewport_ui_cb(ui));
    let mut windows = windows.borrow_mut();
    windows.delta.append(textures_delta);
    if let Some(found) = windows.all.get_mut(&ids.this) {
        found.info.events.clear();
        if let Some(WindowSurface { window, state, .. }) = &mut found.surface {
            state.handle_platform_output(window, platform_output);
        }
    }
    windows.paint(ids.this, ctx, shapes, pixels_per_point, false);
    let commands = viewport_output.into_iter().map(|(id, output)| (id, output.commands));
    windows.command(ctx, commands.collect());
}

impl ViewportWindow {
    fn new(parent: ViewportId, builder: ViewportBuilder) -> Self {
        Self {
            parent,
            builder,
            info: ViewportInfo::default(),
            actions: Vec::new(),
            commands: Vec::new(),
            surface: None,
        }
    }

    fn open(
        &mut self,
        id: ViewportId,
        ctx: &Context,
        event_loop: &ActiveEventLoop,
        display: &OwnedDisplayHandle,
    ) -> anyhow::Result<()> {
        let window = egui_winit::create_window(ctx, event_loop, &self.builder)?;
        let window = Arc::new(window);
        let refused = |err: softbuffer::SoftBufferError| anyhow!("{err}");
        let context = softbuffer::Context::new(display.clone()).map_err(refused)?;
        let surface = softbuffer::Surface::new(&context, window.clone()).map_err(refused)?;
        let mut state = egui_winit::State::new(
            ctx.clone(),
            id,
            event_loop,
            Some(window.scale_factor() as f32),
            event_loop.system_theme(),
            Some(MAX_TEXTURE),
        );
        state.set_clipboard_shortcuts(main_window::CLIPBOARD_SHORTCUTS);
        egui_winit::update_viewport_info(&mut self.info, ctx, &window, true);
        let raster = Raster::default();
        #[cfg(target_os = "linux")]
        let exposure = {
            let ctx = ctx.clone();
            Exposure::watch(&window, move || ctx.request_repaint())
        };
        self.surface = Some(WindowSurface {
            window,
            state,
            surface,
            raster,
            is_redraw_asked: false,
            #[cfg(target_os = "linux")]
            exposure,
        });
        self.command(ctx, Vec::new());
        Ok(())
    }

    fn is_seen(&self) -> bool {
        let wants_paint = self.actions.iter().any(ActionRequested::wants_paint);
        self.info.visible().unwrap_or(true) || wants_paint
    }

    fn command(&mut self, ctx: &Context, mut commands: Vec<ViewportCommand>) {
        self.commands.append(&mut commands);
        if let Some(surface) = &self.surface {
            egui_winit::process_viewport_commands(
                ctx,
                &mut self.info,
                std::mem::take(&mut self.commands),
                &surface.window,
                &mut self.actions,
            );
        }
    }
}

impl WindowSurface {
    /// Paints what has changed, or everything, and brings it to the screen.
    fn paint(
        &mut self,
        textures: &Textures,
        primitives: &[egui::ClippedPrimitive],
        pixels_per_point: f32,
        ground: egui::Color32,
        is_whole: bool,
    ) -> anyhow::Result<()> {
        let size = self.window.inner_size();
        let (Some(width), Some(height)) =
            (NonZeroU32::new(size.width), NonZeroU32::new(size.height))
        else {
            return Ok(());
        };
        let refused = |err: softbuffer::SoftBufferError| anyhow!("{err}");
        self.surface.resize(width, height).map_err(refused)?;
        let mut buffer = self.surface.buffer_mut().map_err(refused)?;
        // Buffers that take turns hold what was painted before the last time; they are painted anew.
        let holds_last = buffer.age() == 1;
        let mut canvas = Canvas::new(&mut buffer, [size.width, size.height])
            .context("The window's pixels are not as many as its size says")?;
        let whole = canvas.area();
        let mut damaged = self.raster.paint(
            &mut canvas,
            textures,
            primitives,
            pixels_per_point,
            ground,
            holds_last,
        );
        #[cfg(target_os = "linux")]
        let is_whole = self.exposure.take() || is_whole;
        if is_whole {
            damaged = vec![whole];
        }
        let damage: Vec<softbuffer::Rect> = damaged.into_iter().filter_map(damage_of).collect();
        if !damage.is_empty() {
            self.window.pre_present_notify();
            buffer.present_with_damage(&damage).map_err(refused)?;
        }
        Ok(())
    }

    /// Answers what was asked of the picture of the window, which `paint` paints.
    fn answer(&mut self, actions: &mut Vec<ActionRequested>, paint: impl Fn(&mut Canvas<'_>)) {
        for action in actions.drain(..) {
            let events = &mut self.state.egui_input_mut().events;
            match action {
                ActionRequested::Screenshot(callback) => {
                    let size = self.window.inner_size();
                    let mut pixels = vec![0; size.width as usize * size.height as usize];
                    if let Some(mut canvas) = Canvas::new(&mut pixels, [size.width, size.height]) {
                        paint(&mut canvas);
                    }
                    callback.complete(Arc::new(screenshot(&pixels, size.width as usize)));
                }
                ActionRequested::Cut => events.push(Event::Cut),
                ActionRequested::Copy => events.push(Event::Copy),
                // Pasting is the app's business, since reading the clipboard may take long.
                ActionRequested::Paste | ActionRequested::PaintWhileHidden => {}
            }
        }
    }
}

fn screenshot(pixels: &[u32], width: usize) -> ColorImage {
    let colors = pixels.iter().map(|pixel| {
        let [_, red, green, blue] = pixel.to_be_bytes();
        egui::Color32::from_rgb(red, green, blue)
    });
    let height = pixels.len().checked_div(width).unwrap_or(0);
    ColorImage::new([width, height], colors.collect())
}

fn damage_of(area: PixelArea) -> Option<softbuffer::Rect> {
    let length = |from: i32, to: i32| NonZeroU32::new(u32::try_from(to - from).ok()?);
    Some(softbuffer::Rect {
        x: area.left.try_into().ok()?,
        y: area.top.try_into().ok()?,
        width: length(area.left, area.right)?,
        height: length(area.top, area.bottom)?,
    })
}
