from core.urls import *
